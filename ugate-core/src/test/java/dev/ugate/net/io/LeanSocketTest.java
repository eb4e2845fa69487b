package dev.ugate.net.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LeanSocketTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, new ParkingEpoll(EpollIoHandler.newFactory()));
    private final EventLoop loop = loops.next();
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }

    private Channel listen(String host) throws Exception {
        InetSocketAddress any = new InetSocketAddress(host, 0);
        return new ServerBootstrap()
                .group(loops)
                .channelFactory(() -> server(any))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.add(channel);
                    }
                })
                .bind(any)
                .sync()
                .channel();
    }

    private static LeanServer server(InetSocketAddress any) {
        try {
            return new LeanServer(any);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Channel accepted() throws InterruptedException {
        Channel channel = accepted.poll(20, TimeUnit.SECONDS);
        assertThat(channel).isNotNull();
        return channel;
    }

    /** The connect that was begun on the loop, and whether it was over when it returned. */
    private record Begun(ChannelFuture connect, boolean over) {}

    private Begun connect(InetSocketAddress to) throws Exception {
        return loop.submit(() -> {
                    LeanSocket socket = new LeanSocket(to);
                    loop.register(socket);
                    ChannelFuture connect = socket.connect(to);
                    return new Begun(connect, connect.isDone());
                })
                .get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1", "0.0.0.0, 127.0.0.2", "::1, ::1", "::, ::1"})
    void anAcceptedSocketKnowsWhereItWasReached(String host, String dialled) throws Exception {
        int port = ((InetSocketAddress) listen(host).localAddress()).getPort();
        try (Socket client = new Socket(dialled, port)) {
            assertThat(accepted().localAddress()).isEqualTo(client.getRemoteSocketAddress());
        }
    }

    @Test
    void isConnectedToThisMachineAtOnce() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 16, LOOPBACK)) {
            Begun begun = connect((InetSocketAddress) server.getLocalSocketAddress());

            assertThat(begun.over).isTrue();
            assertThat(begun.connect.isSuccess()).isTrue();
            assertThat(begun.connect.channel().isActive()).isTrue();
            begun.connect.channel().close().sync();
        }
    }

    @Test
    void knowsBothAddresses() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 16, LOOPBACK)) {
            Channel channel = connect((InetSocketAddress) server.getLocalSocketAddress())
                    .connect
                    .channel();
            try (Socket far = server.accept()) {
                assertThat(channel.localAddress()).isEqualTo(far.getRemoteSocketAddress());
                assertThat(channel.remoteAddress()).isEqualTo(server.getLocalSocketAddress());
            }
            channel.close().sync();
        }
    }

    @Test
    void asksNoClosedDescriptorForItsAddress() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 16, LOOPBACK)) {
            Channel channel = connect((InetSocketAddress) server.getLocalSocketAddress())
                    .connect
                    .channel();
            channel.close().sync();

            assertThat(channel.localAddress()).isNull();
        }
    }

    @Test
    void endsItsDirectionAndRefusesWritesBehindTheEnd() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 16, LOOPBACK)) {
            LeanSocket channel = (LeanSocket) connect((InetSocketAddress) server.getLocalSocketAddress())
                    .connect
                    .channel();
            try (Socket far = server.accept()) {
                far.setSoTimeout(20_000);
                channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
                loop.submit(() -> channel.shutdownOutput()).get(20, TimeUnit.SECONDS);
                ChannelFuture late = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {2}))
                        .await();

                assertThat(far.getInputStream().readAllBytes()).containsExactly(1);
                assertThat(late.cause()).hasMessageContaining("write after its end");
                assertThat(channel.isActive()).isTrue();
            }
            channel.close().sync();
        }
    }

    @Test
    void isRefusedWhereNobodyListens() throws Exception {
        InetSocketAddress nobody;
        try (ServerSocket gone = new ServerSocket(0, 1, LOOPBACK)) {
            nobody = (InetSocketAddress) gone.getLocalSocketAddress();
        }
        ChannelFuture connect = connect(nobody).connect;

        assertThat(connect.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(connect.cause()).isInstanceOf(ConnectException.class);
        assertThat(connect.channel().closeFuture().await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void waitsForAListenerThatIsBusy() throws Exception {
        List<Socket> queued = new ArrayList<>();
        try (ServerSocket busy = new ServerSocket(0, 1, LOOPBACK)) {
            fill(busy, queued);
            Begun begun = connect((InetSocketAddress) busy.getLocalSocketAddress());
            assertThat(begun.over).isFalse();

            while (!begun.connect.await(100, TimeUnit.MILLISECONDS)) {
                busy.accept().close();
            }

            assertThat(begun.connect.isSuccess()).isTrue();
            begun.connect.channel().close().sync();
        } finally {
            for (Socket socket : queued) {
                socket.close();
            }
        }
    }

    /** Until the kernel drops every further SYN. */
    private static void fill(ServerSocket server, List<Socket> queued) throws IOException {
        server.setSoTimeout(20_000);
        while (true) {
            Socket socket = new Socket();
            queued.add(socket);
            try {
                socket.connect(server.getLocalSocketAddress(), 300);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "::"})
    void isAcceptedWithItsAddressesAndWithoutDelay(String host) throws Exception {
        Channel server = listen(host);
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        try (Socket client = new Socket(host.equals("::") ? "127.0.0.1" : host, port)) {
            LeanSocket channel = (LeanSocket) accepted();

            assertThat(channel.remoteAddress()).isEqualTo(client.getLocalSocketAddress());
            assertThat(channel.localAddress()).isEqualTo(client.getRemoteSocketAddress());
            assertThat(channel.config().isTcpNoDelay()).isTrue();
            channel.close().sync();
        }
        server.close().sync();
    }

    @Test
    void acceptsEveryoneWhoCameAtOnce() throws Exception {
        Channel server = listen("127.0.0.1");
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            clients.add(new Socket(LOOPBACK, ((InetSocketAddress) server.localAddress()).getPort()));
        }
        for (Socket client : clients) {
            accepted().close().sync();
            client.close();
        }
        server.close().sync();
    }
}
