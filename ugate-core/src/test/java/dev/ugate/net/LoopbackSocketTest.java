package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Timeouts;
import dev.ugate.testing.Joined;
import dev.ugate.testing.Waist;
import dev.ugate.testing.Wire;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LoopbackSocketTest {
    private static final byte[] MUCH = new byte[5_000_011];

    static {
        new Random(3).nextBytes(MUCH);
    }

    private static Channel dial(Waist waist, ServerSocket server) {
        Intent intent = Intent.bytes(
                "embedded", Peer.of(Wire.HERE, Wire.HERE), new HostPort("127.0.0.1", server.getLocalPort()));
        Future<Channel> way = waist.outbound.dial(intent, waist.loops.next());
        assertThat(way.awaitUninterruptibly(20_000)).isTrue();
        assertThat(way.cause()).isNull();
        return way.getNow();
    }

    private static Socket socket(Waist waist, ServerSocket server) throws IOException {
        Socket socket = LoopbackSocket.of(waist.loops, dial(waist, server), Timeouts.STANDARD, Limits.STANDARD);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static ServerSocket server() throws IOException {
        return new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void eitherSideMayEndFirst(Loops.Backend backend) throws Exception {
        try (Waist waist = Waist.standard(backend);
                ServerSocket server = server()) {
            for (boolean clientFirst : new boolean[] {true, false}) {
                try (Socket client = socket(waist, server);
                        Socket far = server.accept()) {
                    far.setSoTimeout(20_000);
                    Socket first = clientFirst ? client : far;
                    Socket second = clientFirst ? far : client;
                    sends(first, second);
                    sends(second, first);
                }
            }
        }
    }

    private static void sends(Socket from, Socket to) throws IOException {
        CompletableFuture<byte[]> got = CompletableFuture.supplyAsync(() -> {
            try {
                return to.getInputStream().readAllBytes();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        from.getOutputStream().write(MUCH);
        from.shutdownOutput();
        assertThat(got.join()).isEqualTo(MUCH);
    }

    /** A server that speaks and ends before anyone reads, and a caller that takes its time. */
    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void keepsWhatWasSaidBeforeAnyoneRead(Loops.Backend backend) throws Exception {
        try (Waist waist = Waist.standard(backend);
                ServerSocket server = server()) {
            for (int i = 0; i < 20; i++) {
                Channel upstream = dial(waist, server);
                try (Socket far = server.accept()) {
                    far.getOutputStream().write("early".getBytes("US-ASCII"));
                    far.shutdownOutput();
                    // The loop sees the end of the socket now, though nobody asked it to read.
                    upstream.eventLoop().submit(() -> {}).sync();
                    try (Socket client = LoopbackSocket.of(waist.loops, upstream, Timeouts.STANDARD, Limits.STANDARD)) {
                        client.setSoTimeout(20_000);
                        client.getOutputStream().write(7);
                        client.shutdownOutput();
                        assertThat(client.getInputStream().readAllBytes())
                                .asString()
                                .isEqualTo("early");
                        assertThat(far.getInputStream().readAllBytes()).containsExactly(7);
                    }
                }
            }
        }
    }

    @Test
    void aBreakIsABreakOnTheOtherSide() throws Exception {
        try (Waist waist = Waist.standard(Loops.Backend.EPOLL);
                ServerSocket server = server()) {
            Socket client = socket(waist, server);
            Socket far = server.accept();
            Joined.reset(far);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            client.close();
        }
    }

    @Test
    void anUpstreamThatIsClosedAlreadyIsABreak() throws Exception {
        try (Waist waist = Waist.standard(Loops.Backend.EPOLL);
                ServerSocket server = server()) {
            Channel upstream = dial(waist, server);
            Socket far = server.accept();
            far.setSoTimeout(20_000);
            upstream.close().awaitUninterruptibly();
            Socket client = LoopbackSocket.of(waist.loops, upstream, Timeouts.STANDARD, Limits.STANDARD);
            client.setSoTimeout(20_000);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(far.getInputStream().read()).isEqualTo(-1);
            client.close();
            far.close();
        }
    }

    /** Someone connects to every port that begins to listen, from another loopback address. */
    @Test
    void aStrangerNeverGetsTheUpstream() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> stranger = CompletableFuture.runAsync(() -> {
            while (!done.get()) {
                try (var lines = Files.lines(Path.of("/proc/net/tcp"))) {
                    lines.filter(line -> line.contains(": 0100007F:") && line.contains(" 00000000:0000 0A "))
                            .map(line -> line.substring(line.indexOf("0100007F:") + 9, line.indexOf("0100007F:") + 13))
                            .forEach(LoopbackSocketTest::intrude);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        try (Waist waist = Waist.standard(Loops.Backend.EPOLL)) {
            for (int i = 0; i < 50; i++) {
                try (ServerSocket server = server();
                        Socket client = socket(waist, server)) {
                    Socket far = server.accept();
                    while (!far.getInetAddress().getHostAddress().equals("127.0.0.1")) {
                        far = server.accept();
                    }
                    client.getOutputStream().write(42);
                    assertThat(far.getInputStream().read()).isEqualTo(42);
                    far.close();
                }
            }
        } finally {
            done.set(true);
            stranger.join();
        }
    }

    private static void intrude(String port) {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress("127.0.0.2", 0));
            socket.connect(new InetSocketAddress("127.0.0.1", Integer.parseInt(port, 16)), 50);
            socket.getOutputStream().write(13);
        } catch (IOException turnedAway) {
            assertThat(turnedAway).isNotNull();
        }
    }
}
