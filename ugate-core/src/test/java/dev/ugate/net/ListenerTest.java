package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Stream;
import dev.ugate.testing.Joined;
import dev.ugate.testing.Listening;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ListenerTest {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    /** Loops, and a gate that notes who entered and what they were told. */
    private static final class Stage implements Gate, AutoCloseable {
        final Loops loops;
        final Admission admission;
        final List<Channel> entered = new CopyOnWriteArrayList<>();
        final List<Object> events = new CopyOnWriteArrayList<>();

        Stage(Loops.Backend backend, int cap) {
            loops = Loops.start(backend, 2);
            assertThat(loops.backend()).isEqualTo(backend);
            admission = new Admission(Limits.STANDARD, cap, System::nanoTime);
        }

        Listener listen(SocketAddress address) {
            Future<Listener> bound = Listener.bind(
                            loops,
                            admission,
                            this,
                            address,
                            () -> Listening.open().ingress())
                    .awaitUninterruptibly();
            if (!bound.isSuccess()) {
                throw new IllegalStateException(bound.cause());
            }
            return bound.getNow();
        }

        Socket connect(Listener listener) throws IOException {
            Socket socket = new Socket();
            socket.setSoTimeout(20_000);
            socket.connect(listener.address());
            return socket;
        }

        @Override
        public void enter(Channel connection) {
            connection.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    events.add(event);
                }

                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    ReferenceCountUtil.release(message);
                    ctx.close();
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                    ctx.close();
                }
            });
            entered.add(connection);
        }

        @Override
        public void open(Stream stream) {
            throw new AssertionError("nothing opens here");
        }

        @Override
        public void ask(Exchange exchange) {
            throw new AssertionError("nothing asks here");
        }

        @Override
        public void close() {
            loops.stop(1).awaitUninterruptibly(5_000);
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void everyAcceptedConnectionEntersWithItsPeer(Loops.Backend backend) throws IOException {
        try (Stage stage = new Stage(backend, 100)) {
            Listener listener = stage.listen(ANY);
            try (Socket socket = stage.connect(listener)) {
                await().until(() -> stage.entered.size() == 1);
                Peer peer = Connection.of(stage.entered.get(0)).peer();
                assertThat(peer.remote()).isEqualTo(socket.getLocalSocketAddress());
                assertThat(peer.local()).isEqualTo(listener.address());
                assertThat(peer.isLocal()).isTrue();
                assertThat(listener.live()).isOne();
                assertThat(stage.admission.connections()).isOne();
            }
            await().until(() -> listener.live() == 0 && stage.admission.connections() == 0);
        }
    }

    /** Who opens a port of IPv4 alone has thought of nobody else. */
    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void whoAsksForIpv4ServesNobodyOfIpv6(Loops.Backend backend) throws IOException {
        try (Stage stage = new Stage(backend, 100)) {
            InetSocketAddress bound = (InetSocketAddress)
                    stage.listen(new InetSocketAddress("0.0.0.0", 0)).address();
            assertThat(bound.getAddress()).isEqualTo(InetAddress.getByName("0.0.0.0"));
            assertThatThrownBy(() -> {
                        try (Socket socket = new Socket("::1", bound.getPort())) {
                            socket.setSoTimeout(20_000);
                            socket.getInputStream().read();
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SocketTimeoutException.class);
            try (Socket socket = new Socket("127.0.0.1", bound.getPort())) {
                await().until(() -> stage.entered.size() == 1);
                Peer peer = Connection.of(stage.entered.get(0)).peer();
                assertThat(peer.remote()).isEqualTo(socket.getLocalSocketAddress());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aPeerOnAUnixSocketIsLocal(Loops.Backend backend, @TempDir Path folder) throws IOException {
        UnixDomainSocketAddress path = UnixDomainSocketAddress.of(folder.resolve("gate.sock"));
        try (Stage stage = new Stage(backend, 100)) {
            stage.listen(path);
            try (SocketChannel socket = SocketChannel.open(path)) {
                await().until(() -> stage.entered.size() == 1);
                Peer peer = Connection.of(stage.entered.get(0)).peer();
                assertThat(socket.isConnected()).isTrue();
                assertThat(peer.remote()).isNotNull().isNotInstanceOf(InetSocketAddress.class);
                assertThat(peer.isLocal()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void stopsAcceptingWhileTheProcessIsFullAndGoesOn(Loops.Backend backend) throws IOException {
        try (Stage stage = new Stage(backend, 2)) {
            Listener listener = stage.listen(ANY);
            List<Socket> held = new ArrayList<>();
            try (Socket waiting = fill(stage, listener, held)) {
                assertThat(waiting.isConnected()).isTrue();
                int entered = stage.entered.size();
                for (Socket socket : held) {
                    socket.close();
                }
                await().until(() -> stage.entered.size() > entered && listener.live() == 1);
            }
        }
    }

    /** The listener that paused has no connection of its own that could end: others must wake it. */
    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void goesOnWhenTheConnectionsOfAnotherListenerEnd(Loops.Backend backend) throws IOException {
        try (Stage stage = new Stage(backend, 2)) {
            Listener one = stage.listen(ANY);
            Listener other = stage.listen(ANY);
            Socket first = stage.connect(one);
            Socket second = stage.connect(one);
            await().until(() -> stage.entered.size() == 2);
            List<Socket> held = new ArrayList<>();
            try (Socket waiting = fill(stage, other, held)) {
                assertThat(waiting.isConnected()).isTrue();
                for (Socket socket : held) {
                    socket.close();
                }
                await().until(() -> stage.admission.connections() == 2);
                first.close();
                second.close();
                await().until(() -> other.live() == 1);
            }
        }
    }

    /** Connects until one is left waiting; a few beyond the cap may be under way when the listener pauses. */
    private static Socket fill(Stage stage, Listener listener, List<Socket> held) throws IOException {
        while (held.size() < 40) {
            int before = stage.entered.size();
            Socket socket = stage.connect(listener);
            try {
                await().atMost(Duration.ofSeconds(1)).until(() -> stage.entered.size() > before);
            } catch (ConditionTimeoutException waits) {
                return socket;
            }
            held.add(socket);
        }
        throw new AssertionError("listener: accepts without end");
    }

    @Test
    void aClientThatResetsAtOnceIsCountedBack() throws IOException {
        try (Stage stage = new Stage(Loops.Backend.IO_URING, 1_000)) {
            Listener listener = stage.listen(ANY);
            for (int i = 0; i < 300; i++) {
                Joined.reset(stage.connect(listener));
            }
            try (Socket last = stage.connect(listener)) {
                await().until(() -> stage.admission.connections() == 1 && listener.live() == 1);
                assertThat(stage.entered)
                        .allMatch(channel -> Connection.of(channel).peer().remote() != null);
                last.getOutputStream().write(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void drainsByTellingThenByResetting(Loops.Backend backend) throws IOException {
        try (Stage stage = new Stage(backend, 100)) {
            Listener listener = stage.listen(ANY);
            try (Socket polite = stage.connect(listener);
                    Socket stubborn = stage.connect(listener)) {
                await().until(() -> stage.entered.size() == 2);
                Future<?> drained = listener.drain(Duration.ofSeconds(2));
                await().until(() -> stage.events.size() == 2);
                assertThat(stage.events).containsOnly(Listener.DRAINING);
                polite.getOutputStream().write(1);
                await().until(() -> listener.live() == 1);
                assertThat(drained.isDone()).isFalse();
                assertThatThrownBy(() -> stage.connect(listener)).isInstanceOf(IOException.class);
                assertThatThrownBy(() -> stubborn.getInputStream().read()).isInstanceOf(SocketException.class);
                assertThat(drained.awaitUninterruptibly(20_000)).isTrue();
                assertThat(listener.live()).isZero();
            }
        }
    }

    @Test
    void anIdleListenerIsDrainedAtOnce() {
        try (Stage stage = new Stage(Loops.Backend.EPOLL, 100)) {
            assertThat(stage.listen(ANY).drain(Duration.ofHours(1)).awaitUninterruptibly(20_000))
                    .isTrue();
        }
    }

    @Test
    void anAddressInUseFailsWithTheSystemsOwnError() {
        try (Stage stage = new Stage(Loops.Backend.EPOLL, 100)) {
            Listener first = stage.listen(ANY);
            assertThatThrownBy(() -> stage.listen(first.address()))
                    .rootCause()
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
        }
    }
}
