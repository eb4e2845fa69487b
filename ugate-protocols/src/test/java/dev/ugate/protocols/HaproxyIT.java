package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops.Backend;
import dev.ugate.net.proxy.ProxyHeaderTransport;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import dev.ugate.testing.Waist;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HAProxy on either side of ugate: both understand each other's headers. */
@Tag("interop")
@Timeout(60)
class HaproxyIT {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @TempDir
    Path folder;

    @BeforeEach
    void require() {
        Peers.require("haproxy");
    }

    /** HAProxy that takes connections on {@code port} and passes them on. */
    private Program haproxy(int port, String bind, int server, String options) throws IOException {
        int ready = FreePort.next();
        Path config =
                Files.writeString(folder.resolve("haproxy.cfg"), """
                defaults
                  mode tcp
                  timeout connect 5s
                  timeout client 10s
                  timeout server 10s
                listen data
                  bind 127.0.0.1:%d %s
                  server s 127.0.0.1:%d %s
                listen ready
                  bind 127.0.0.1:%d
                """.formatted(port, bind, server, options, ready));
        return Program.start(folder, "haproxy", "-db", "-f", config.toString()).listening(ready);
    }

    private static int port(Listener listener) {
        return ((InetSocketAddress) listener.address()).getPort();
    }

    private static Waist waist() {
        return new Waist(Backend.EPOLL, Timeouts.STANDARD, Protocols.all((sni, alpn) -> Optional.empty()), 100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c"})
    void inFrontItNamesTheClient(String options) throws IOException {
        try (Waist waist = waist();
                ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            Optional<HostPort> target = Optional.of(new HostPort("127.0.0.1", server.getLocalPort()));
            int gate = port(waist.listen(List.of(Cidr.parse("127.0.0.1")), target, Optional.empty()));
            int front = FreePort.next();
            try (Program haproxy = haproxy(front, "", gate, options);
                    Socket client = new Socket(LOOPBACK, front)) {
                client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                client.shutdownOutput();
                try (Socket upstream = server.accept()) {
                    assertThat(upstream.getInputStream().readAllBytes())
                            .asString()
                            .isEqualTo("hello");
                    upstream.getOutputStream().write("bye".getBytes(StandardCharsets.US_ASCII));
                }
                assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("bye");
                await().until(() -> waist.notes.ended().size() == 1);
                var peer = waist.notes.ended().get(0).intent().peer();
                assertThat(peer.remote()).isEqualTo(client.getLocalSocketAddress());
                assertThat(peer.local()).isEqualTo(client.getRemoteSocketAddress());
                assertThat(haproxy.process().isAlive()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy-v1", "proxy-v2"})
    void behindItHearsTheClient(String carrier) throws IOException {
        try (Waist waist = waist();
                ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            waist.transports
                    .add("proxy-v1", ProxyHeaderTransport.v1(waist.transports))
                    .add("proxy-v2", ProxyHeaderTransport.v2(waist.transports));
            int back = FreePort.next();
            List<Carrier> via = List.of(Carrier.of(carrier), Carrier.TCP);
            var to = new Route.Destination(Optional.of("127.0.0.1:" + back), 1, via, Optional.empty());
            waist.routes(new Route(
                    "up", intent -> true, new Route.Forward(List.of(to), Optional.empty(), Optional.empty())));
            int gate = port(waist.opaque(new HostPort("target.test", 80)));
            // It repeats to the server what it understood of the header.
            try (Program haproxy = haproxy(back, "accept-proxy", server.getLocalPort(), "send-proxy");
                    Socket client = new Socket(LOOPBACK, gate)) {
                client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                client.shutdownOutput();
                try (Socket upstream = server.accept()) {
                    assertThat(upstream.getInputStream().readAllBytes())
                            .asString()
                            .isEqualTo("PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\nhello"
                                    .formatted(client.getLocalPort(), gate));
                }
                assertThat(client.getInputStream().read()).isEqualTo(-1);
                assertThat(haproxy.process().isAlive()).isTrue();
            }
        }
    }
}
