package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops.Backend;
import dev.ugate.net.proxy.HttpConnectTransport;
import dev.ugate.net.proxy.ProxyHeaderTransport;
import dev.ugate.net.proxy.Socks5Transport;
import dev.ugate.testing.Waist;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One ugate through another, on real sockets: whatever way it goes, the ends, the reasons and the client's address survive. */
class UpstreamProxyTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Map<String, String> LOGIN = Map.of("user", "me", "password", "secret");

    /** Knows literals, and {@code target.test}. */
    private static final Discovery NAMES = target -> target.host().equals("target.test")
            ? CompletableFuture.completedFuture(Optional.of(Resolution.of(
                    "test",
                    Duration.ZERO,
                    List.of(Endpoint.tcp(target, List.of(new InetSocketAddress(LOOPBACK, target.port())))))))
            : Waist.LITERALS.resolve(target);

    static Stream<Arguments> proxies() {
        return Stream.of(Backend.values())
                .flatMap(backend -> Stream.of("socks5", "http").map(carrier -> Arguments.of(backend, carrier)));
    }

    static Stream<Arguments> headers() {
        return Stream.of(Backend.values())
                .flatMap(backend -> Stream.of("proxy-v1", "proxy-v2").map(carrier -> Arguments.of(backend, carrier)));
    }

    /** A waist that serves every protocol, and one in front of it whose only route leads through it. */
    private static final class Chain implements AutoCloseable {
        final Waist back;
        final Waist front;
        private final HostPort backAddress;

        /** {@code target} is what the back one carries everything to, empty where the front one asks for it. */
        Chain(Backend backend, Optional<HostPort> target, Carrier... via) {
            back = new Waist(backend, Timeouts.STANDARD, Protocols.all((sni, alpn) -> Optional.empty()), 100);
            back.decide(Waist.OPEN, NAMES);
            List<Cidr> trusted = target.isPresent() ? List.of(Cidr.parse("127.0.0.0/8")) : List.of();
            backAddress = address(back.listen(trusted, target, Optional.empty()));
            front = new Waist(backend, Timeouts.STANDARD, List.of(), 100);
            front.transports
                    .add("socks5", new Socks5Transport(front.transports))
                    .add("http", new HttpConnectTransport(front.transports, Limits.STANDARD))
                    .add("proxy-v1", ProxyHeaderTransport.v1(front.transports))
                    .add("proxy-v2", ProxyHeaderTransport.v2(front.transports));
            through(backAddress, via);
        }

        void through(HostPort proxy, Carrier... via) {
            var to = new Route.Destination(Optional.empty(), 1, List.of(via), Optional.of(proxy));
            front.routes(new Route(
                    "up", intent -> true, new Route.Forward(List.of(to), Optional.empty(), Optional.empty())));
        }

        Socket client(HostPort target) throws IOException {
            Socket client = new Socket(LOOPBACK, address(front.opaque(target)).port());
            client.setSoTimeout(10_000);
            return client;
        }

        /** Why the front one could not carry to the target. */
        Refused refused(HostPort target) throws IOException {
            try (Socket client = client(target)) {
                assertThatThrownBy(() -> client.getInputStream().read()).hasMessage("Connection reset");
            }
            await().until(() -> front.notes.ended().size() == 1);
            return front.notes.ended().get(0).refused().orElseThrow();
        }

        private static HostPort address(Listener listener) {
            return new HostPort("127.0.0.1", ((InetSocketAddress) listener.address()).getPort());
        }

        @Override
        public void close() {
            await().until(() -> front.admission.connections() + back.admission.connections() == 0);
            front.close();
            back.close();
        }
    }

    private static Carrier[] via(String carrier) {
        return new Carrier[] {new Carrier(carrier, LOGIN), Carrier.TCP};
    }

    @ParameterizedTest
    @MethodSource("proxies")
    void carriesEveryByteAndBothEnds(Backend backend, String carrier) throws IOException {
        byte[] up = bytes(300_000);
        byte[] down = bytes(400_000);
        try (Chain chain = new Chain(backend, Optional.empty(), via(carrier));
                ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
                Socket client = chain.client(new HostPort("target.test", server.getLocalPort()))) {
            try (Socket upstream = server.accept()) {
                // The server speaks first, and all at once: some of it is there before the relay is.
                upstream.getOutputStream().write(down);
                upstream.shutdownOutput();
                client.getOutputStream().write(up);
                client.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).isEqualTo(down);
                assertThat(upstream.getInputStream().readAllBytes()).isEqualTo(up);
            }
            await().until(() -> chain.back.notes.ended().size() == 1
                    && chain.front.notes.ended().size() == 1);
            assertThat(chain.back.notes.ended().get(0).intent().target().host()).isEqualTo("target.test");
            assertThat(chain.front.notes.ended().get(0).refused()).isEmpty();
            assertThat(chain.back.notes.ended().get(0).refused()).isEmpty();
        }
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("proxies")
    void theRealReasonComesBack(Backend backend, String carrier) throws IOException {
        try (Chain chain = new Chain(backend, Optional.empty(), via(carrier))) {
            Refused why = chain.refused(new HostPort("target.test", closedPort()));
            assertThat(why.reason()).isEqualTo(Refusal.CONNECTION_REFUSED);
            assertThat(why.text()).startsWith("route up: endpoint target.test:").contains(": " + carrier + ": ");
        }
        try (Chain chain = new Chain(backend, Optional.empty(), via(carrier))) {
            assertThat(chain.refused(new HostPort("nowhere.test", 80)).reason()).isEqualTo(Refusal.UNRESOLVED);
        }
    }

    @ParameterizedTest
    @MethodSource("proxies")
    void aProxyThatIsDownIsNamed(Backend backend, String carrier) throws IOException {
        try (Chain chain = new Chain(backend, Optional.empty(), via(carrier))) {
            int closed = closedPort();
            chain.through(new HostPort("127.0.0.1", closed), via(carrier));
            Refused why = chain.refused(new HostPort("target.test", 80));
            assertThat(why.reason()).isEqualTo(Refusal.CONNECTION_REFUSED);
            assertThat(why.text()).endsWith("connect 127.0.0.1:" + closed + ": refused");
        }
    }

    @ParameterizedTest
    @MethodSource("headers")
    void theClientsAddressSurvivesAHop(Backend backend, String carrier) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            HostPort target = new HostPort("127.0.0.1", server.getLocalPort());
            try (Chain chain = new Chain(backend, Optional.of(target), Carrier.of(carrier), Carrier.TCP);
                    Socket client = chain.client(new HostPort("target.test", 80))) {
                client.getOutputStream().write("hello".getBytes());
                client.shutdownOutput();
                try (Socket upstream = server.accept()) {
                    assertThat(upstream.getInputStream().readAllBytes()).isEqualTo("hello".getBytes());
                }
                assertThat(client.getInputStream().read()).isEqualTo(-1);
                await().until(() -> chain.back.notes.ended().size() == 1);
                var peer = chain.back.notes.ended().get(0).intent().peer();
                assertThat(peer.remote()).isEqualTo(client.getLocalSocketAddress());
                assertThat(peer.local()).isEqualTo(client.getRemoteSocketAddress());
            }
        }
    }

    private static int closedPort() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            return server.getLocalPort();
        }
    }
}
