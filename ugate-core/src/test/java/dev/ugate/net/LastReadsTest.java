package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer that answers and leaves while it is still being told something: its answer is there to be read. */
@Timeout(30)
final class LastReadsTest {
    private static final int SOME = 50_000;
    private static final int MUCH = 32 << 20;

    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void whatAPeerSaidBeforeItLeftIsRead(Loops.Backend backend) throws Exception {
        reads(backend, false);
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void whatAPeerSaidToItsEndBeforeItLeftIsWhole(Loops.Backend backend) throws Exception {
        reads(backend, true);
    }

    private void reads(Loops.Backend backend, boolean toItsEnd) throws Exception {
        Loops loops = Loops.start(backend, 1);
        try {
            Channel channel = dial(loops);
            Reader reader = new Reader();
            Future<?> written = onLoop(channel, () -> {
                channel.pipeline().addLast(reader);
                channel.write(channel.alloc().directBuffer(MUCH).writeZero(MUCH), channel.voidPromise());
                return channel.writeAndFlush(Fin.FIN);
            });
            try (Socket peer = server.accept()) {
                assertThat(peer.getInputStream().read()).isZero();
                peer.getOutputStream().write(new byte[SOME]);
                // Neither has read all, so both are resets: the second behind an end, as Java closes.
                if (!toItsEnd) {
                    peer.setSoLinger(true, 0);
                }
            }
            await().until(() -> channel.unsafe().outboundBuffer() == null);
            onLoop(channel, () -> channel.config().setAutoRead(true));
            assertThat(channel.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(onLoop(channel, () -> reader.read)).isEqualTo(SOME);
            assertThat(onLoop(channel, () -> reader.ended)).isEqualTo(toItsEnd);
            assertThat(onLoop(channel, () -> reader.broken)).isTrue();
            assertThat(written.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(written.cause()).isInstanceOf(IOException.class);
        } finally {
            loops.stop(1).awaitUninterruptibly(5_000);
        }
    }

    private Channel dial(Loops loops) {
        HostPort target = new HostPort("target.test", 1);
        Intent intent = Intent.bytes("test", Peer.of(Wire.HERE, Wire.HERE), target);
        Endpoint endpoint = Endpoint.tcp(target, List.of(server.getLocalSocketAddress()));
        Dial dial = new Dial(intent, endpoint, System.nanoTime() + TimeUnit.SECONDS.toNanos(10));
        EventLoop loop = loops.next();
        Future<Channel> way = CompletableFuture.supplyAsync(
                        () -> new TcpTransport(loops, Limits.STANDARD).dial(dial, loop), loop)
                .join();
        assertThat(way.awaitUninterruptibly(10_000)).isTrue();
        return way.getNow();
    }

    private static <T> T onLoop(Channel channel, Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, channel.eventLoop())
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private static final class Reader extends ChannelInboundHandlerAdapter {
        private int read;
        private boolean ended;
        private boolean broken;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Fin) {
                ended = true;
            } else {
                read += ((ByteBuf) message).readableBytes();
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            broken = true;
        }
    }
}
