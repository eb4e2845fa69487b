package dev.ugate.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops.Backend;
import dev.ugate.spi.Connection;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Hex;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Sample;
import dev.ugate.testing.Waist;
import dev.ugate.testing.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the samples do not tell: whom the connection belongs to afterwards, and what may stand behind the header. */
class ProxyProtocolTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final ProxyProtocol PROXY = new ProxyProtocol();
    private static final String V1 = "\"PROXY TCP4 1.2.3.4 6.7.8.9 5 80\\r\\n\"";

    /** The peer behind a header that came from a proxy at 198.51.100.7. */
    private static Peer after(byte[] header) {
        FakeGate gate = new FakeGate();
        Wire wire = Wire.remote(Listening.open().trusting("198.51.100.0/24"));
        PROXY.serve(wire, gate);
        wire.send(header);
        assertThat(gate.entered()).containsExactly(wire);
        assertThat(Connection.of(wire).depth()).isEqualTo(1);
        return Connection.of(wire).peer();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v2-tcp4", "v2-values"})
    void theConnectionBelongsToTheClient(String sample) {
        Peer peer = after(Sample.of("proxy", sample).sent());
        assertThat(peer.remote()).isEqualTo(new InetSocketAddress("1.2.3.4", 5));
        assertThat(peer.local()).isEqualTo(new InetSocketAddress("6.7.8.9", 80));
        assertThat(peer.identity()).isEmpty();
    }

    @Test
    void ipv6AndMappedAddressesAreTaken() {
        assertThat(after(Sample.of("proxy", "v2-tcp6").sent()).remote())
                .isEqualTo(new InetSocketAddress("2001:db8::22", 35646));
        Peer peer = after("PROXY TCP6 2001:db8::1 ::ffff:6.7.8.9 65535 0\r\n".getBytes());
        assertThat(peer.remote()).isEqualTo(new InetSocketAddress("2001:db8::1", 65535));
        assertThat(peer.local()).isEqualTo(new InetSocketAddress("6.7.8.9", 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v1-unknown",
                "v1-unknown-bare",
                "v1-unknown-long",
                "v2-local",
                "v2-local-rest",
                "v2-unspecified",
                "v2-unix"
            })
    void theConnectionStaysTheProxysWhereNobodyIsNamed(String sample) {
        Peer peer = after(Sample.of("proxy", sample).sent());
        assertThat(peer.remote()).isEqualTo(new InetSocketAddress("198.51.100.7", 40000));
        assertThat(peer.local()).isEqualTo(Wire.HERE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TCP4 127.0.0.1 6.7.8.9", "TCP6 ::1 ::2", "TCP6 ::ffff:127.1.2.3 ::2"})
    void loopbackOfTheProxysHostGainsNoTrustHere(String ends) {
        Peer peer = after(("PROXY " + ends + " 5 80\r\n").getBytes());
        assertThat(peer.remote()).isEqualTo(new InetSocketAddress("198.51.100.7", 40000));
        assertThat(peer.isLocal()).isFalse();
    }

    @Test
    void onlyTrustedSourcesOwAHeader() {
        Listening listening = Listening.open().trusting("198.51.100.0/24");
        Peer proxy = Peer.of(new InetSocketAddress("198.51.100.7", 1), Wire.HERE);
        Peer stranger = Peer.of(new InetSocketAddress("203.0.113.7", 1), Wire.HERE);
        Peer unix = Peer.of(UnixDomainSocketAddress.of("/a"), UnixDomainSocketAddress.of("/b"));
        assertThat(PROXY.demanded(Connection.accepted(listening.ingress(), proxy)))
                .isTrue();
        assertThat(PROXY.demanded(Connection.accepted(listening.ingress(), stranger)))
                .isFalse();
        assertThat(PROXY.demanded(Connection.accepted(listening.ingress(), unix)))
                .isFalse();
        assertThat(PROXY.demanded(Connection.accepted(Listening.open().ingress(), proxy)))
                .isFalse();
        assertThat(PROXY.demanded(Connection.accepted(listening.ingress(), proxy)
                        .withPeer(stranger)
                        .deeper()))
                .isFalse();
    }

    @Test
    void aBadHeaderIsJournalledAndNotAnswered() {
        Notes notes = new Notes();
        Wire wire = Wire.remote(Listening.open().trusting("198.51.100.0/24").journal(notes));
        PROXY.serve(wire, new FakeGate());
        wire.send(Hex.parse("\"GET / HTTP/1.1\\r\\n\\r\\n\""));
        assertThat(notes.failed())
                .singleElement()
                .satisfies(why -> assertThat(why).hasMessage("proxy: first bytes: expected a PROXY header"));
        assertThat(wire.heard()).isEmpty();
        assertThat(wire.sawEnd()).isTrue();
    }

    /** A waist that trusts loopback, and a client of its listener that is such a proxy. */
    private static Socket proxy(Waist waist, Optional<HostPort> target) throws IOException {
        Listener listener = waist.listen(List.of(Cidr.parse("127.0.0.0/8")), target, Optional.empty());
        Socket socket = new Socket(LOOPBACK, ((InetSocketAddress) listener.address()).getPort());
        socket.setSoTimeout(5_000);
        return socket;
    }

    private static Waist waist(Backend backend) {
        return new Waist(backend, Timeouts.STANDARD, Protocols.all((sni, alpn) -> Optional.empty()), 100);
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void anOpaqueListenerStripsTheHeaderAndNamesTheClient(Backend backend) throws IOException {
        try (Waist waist = waist(backend);
                ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
                Socket client = proxy(waist, Optional.of(new HostPort("127.0.0.1", server.getLocalPort())))) {
            client.getOutputStream().write(Hex.parse(V1 + "\"hello\""));
            client.shutdownOutput();
            try (Socket upstream = server.accept()) {
                assertThat(upstream.getInputStream().readAllBytes()).isEqualTo("hello".getBytes());
                upstream.getOutputStream().write("late".getBytes());
            }
            assertThat(client.getInputStream().readAllBytes()).isEqualTo("late".getBytes());
            await().until(() -> waist.notes.ended().size() == 1);
            assertThat(waist.notes.ended().get(0).intent().peer().remote())
                    .isEqualTo(new InetSocketAddress("1.2.3.4", 5));
            assertThat(waist.notes.ended().get(0).refused()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void anyProtocolMayFollow(Backend backend) throws IOException {
        try (Waist waist = waist(backend);
                ServerSocket server = new ServerSocket(0, 1, LOOPBACK);
                Socket client = proxy(waist, Optional.empty())) {
            client.getOutputStream()
                    .write(Hex.parse(V1 + "04 01 %04x 7F000001 00 \"hello\"".formatted(server.getLocalPort())));
            assertThat(client.getInputStream().readNBytes(2)).isEqualTo(new byte[] {0, 90});
            try (Socket upstream = server.accept()) {
                assertThat(upstream.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes());
            }
            assertThat(waist.notes.detected()).containsExactly("proxy", "socks4");
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aSecondHeaderIsNoHeader(Backend backend) throws IOException {
        try (Waist waist = waist(backend);
                Socket client = proxy(waist, Optional.empty())) {
            client.getOutputStream().write(Hex.parse(V1 + V1));
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(waist.notes.failed()).hasSize(1);
        }
    }
}
