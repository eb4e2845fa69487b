package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Limits;
import dev.ugate.net.io.DuplexFin;
import dev.ugate.net.io.Sockets;
import dev.ugate.spi.Fin;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A peer that half-closed still gets every byte, on every backend, whether the channel goes on reading or not and however the bytes are
 * cut. Pins the defect of Netty's epoll (design/technology.md 1.2) that {@link dev.ugate.net.io.ParkingEpoll} works around, and that of
 * its other backends' Unix sockets, around which {@link dev.ugate.net.io.Reads} works; {@code RelayTest} pins that of its io_uring.
 */
@Timeout(60)
final class HalfCloseTest {
    private static final int SIZE = 32 << 20;
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "EPOLL, true, 1", "EPOLL, false, 1", "EPOLL, true, 512", "EPOLL, false, 512",
        "IO_URING, true, 1", "IO_URING, false, 1", "IO_URING, true, 512", "IO_URING, false, 512",
        "NIO, true, 1", "NIO, false, 1", "NIO, true, 512", "NIO, false, 512"
    })
    void aHalfClosedPeerGetsEverything(Loops.Backend backend, boolean autoRead, int writes) throws Exception {
        assertThat(received(backend, ANY, true, new Answer(autoRead, writes))).isEqualTo(SIZE);
    }

    @ParameterizedTest
    @CsvSource({
        "EPOLL, true, 1", "EPOLL, false, 1", "EPOLL, true, 512", "EPOLL, false, 512",
        "IO_URING, true, 1", "IO_URING, false, 1", "IO_URING, true, 512", "IO_URING, false, 512",
        "NIO, true, 1", "NIO, false, 1", "NIO, true, 512", "NIO, false, 512"
    })
    void soDoesOneOfAUnixSocket(Loops.Backend backend, boolean autoRead, int writes) throws Exception {
        assertThat(received(backend, unix(), true, new Answer(autoRead, writes)))
                .isEqualTo(SIZE);
    }

    private UnixDomainSocketAddress unix() {
        return UnixDomainSocketAddress.of(folder.resolve("s.sock"));
    }

    /** When this fails, Netty is repaired: delete ParkingEpoll, and this test with it. */
    @Test
    void nettysOwnEpollStillLosesTheRest() throws Exception {
        IoHandlerFactory raw = EpollIoHandler.newFactory();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, raw);
        try {
            ServerBootstrap server = new ServerBootstrap().group(group).channel(EpollServerSocketChannel.class);
            assertThat(received(server, ANY, true, new Answer(true, 1))).isLessThan(SIZE);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
        }
    }

    /** When this fails, Netty is repaired: delete what Reads does for Unix sockets, and this test with it. */
    @ParameterizedTest
    @EnumSource(value = Loops.Backend.class, names = "EPOLL", mode = EnumSource.Mode.EXCLUDE)
    void nettysOwnUnixSocketsStillCloseAtTheirEnd(Loops.Backend backend) throws Exception {
        assertThat(received(backend, unix(), false, new Answer(true, 1))).isZero();
    }

    private static long received(Loops.Backend backend, SocketAddress local, boolean tuned, Answer answer)
            throws Exception {
        Loops loops = Loops.start(backend, 1);
        try {
            assertThat(loops.backend()).isEqualTo(backend);
            SocketAddress own = loops.own(local);
            ServerBootstrap server = new ServerBootstrap().group(loops.group()).channelFactory(loops.server(own));
            return received(server, own, tuned, answer);
        } finally {
            loops.stop(1).awaitUninterruptibly(5_000);
        }
    }

    private static long received(ServerBootstrap bootstrap, SocketAddress local, boolean tuned, Answer answer)
            throws Exception {
        Channel server = bootstrap
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        accepted.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
                        if (tuned) {
                            Sockets.tune(accepted, Limits.STANDARD);
                        }
                        accepted.pipeline().addLast(new DuplexFin(), answer);
                    }
                })
                .bind(local)
                .sync()
                .channel();
        try (SocketChannel socket = SocketChannel.open(peers(server.localAddress()))) {
            socket.write(ByteBuffer.wrap(new byte[1]));
            socket.shutdownOutput();
            // Not read before its buffers are full, so that the rest has to wait for the socket.
            assertThat(answer.written.await(20, TimeUnit.SECONDS)).isTrue();
            return Accepting.count(Channels.newInputStream(socket));
        }
    }

    private static SocketAddress peers(SocketAddress local) {
        return local instanceof DomainSocketAddress unix ? UnixDomainSocketAddress.of(unix.path()) : local;
    }

    /** Says nothing until the peer ended, then much, then closes. */
    private static final class Answer extends ChannelInboundHandlerAdapter {
        private final CountDownLatch written = new CountDownLatch(1);
        private final boolean autoRead;
        private final int writes;

        Answer(boolean autoRead, int writes) {
            this.autoRead = autoRead;
            this.writes = writes;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            if (message instanceof Fin) {
                ctx.channel().config().setAutoRead(autoRead);
                // Later, when the loop has settled its interest in a channel that neither reads nor writes.
                ctx.executor().schedule(() -> answer(ctx), 100, TimeUnit.MILLISECONDS);
            }
        }

        private void answer(ChannelHandlerContext ctx) {
            int size = SIZE / writes;
            for (int i = 1; i < writes; i++) {
                ctx.write(ctx.alloc().buffer(size).writeZero(size), ctx.voidPromise());
            }
            ctx.writeAndFlush(ctx.alloc().buffer(size).writeZero(size)).addListener(done -> ctx.close());
            written.countDown();
        }

        /** Closed before it could answer. */
        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            written.countDown();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
