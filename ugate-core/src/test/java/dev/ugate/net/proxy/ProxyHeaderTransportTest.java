package dev.ugate.net.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import dev.ugate.model.Shape;
import dev.ugate.spi.Transport;
import dev.ugate.testing.Hex;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The header is what the upstream reads first, and it names the right ends. */
class ProxyHeaderTransportTest {
    private static final String SIGNATURE = "0D0A0D0A000D0A515549540A";
    private static final InetSocketAddress FOUR = new InetSocketAddress("1.2.3.4", 5);
    private static final InetSocketAddress OTHER_FOUR = new InetSocketAddress("6.7.8.9", 80);
    private static final InetSocketAddress SIX = new InetSocketAddress("2001:db8::1", 5);
    private static final Peer LOCAL_SOCKET =
            Peer.of(UnixDomainSocketAddress.of("/run/client.sock"), UnixDomainSocketAddress.of("/run/ugate.sock"));

    private static String header(Function<Transport, Transport> transport, Peer peer) {
        return header(transport, "a.b:1", peer);
    }

    private static String header(Function<Transport, Transport> transport, String target, Peer peer) {
        Upstream upstream = new Upstream(transport, target, Map.of(), peer, Shape.BYTES).connect();
        assertThat(upstream.dialled.getNow()).isSameAs(upstream.wire);
        ByteBuf first = upstream.wire.readOutbound();
        String hex = io.netty.buffer.ByteBufUtil.hexDump(first);
        first.release();
        assertThat(upstream.heard()).as("behind the one segment").isEmpty();
        upstream.gone();
        return hex;
    }

    private static String v2(Peer peer) {
        return header(ProxyHeaderTransport::v2, peer);
    }

    private static String v1(Peer peer) {
        return new String(Hex.parse(header(ProxyHeaderTransport::v1, peer)));
    }

    @Test
    void namesIpv4Ends() {
        assertThat(v2(Peer.of(FOUR, OTHER_FOUR)))
                .isEqualTo(Upstream.hex(SIGNATURE + "21 11 000C 01020304 06070809 0005 0050"));
        assertThat(v1(Peer.of(FOUR, OTHER_FOUR))).isEqualTo("PROXY TCP4 1.2.3.4 6.7.8.9 5 80\r\n");
    }

    @Test
    void namesIpv6Ends() {
        assertThat(v2(Peer.of(SIX, SIX)))
                .isEqualTo(Upstream.hex(SIGNATURE + "21 21 0024 20010DB8 00*11 01 20010DB8 00*11 01 0005 0005"));
        assertThat(v1(Peer.of(SIX, SIX))).isEqualTo("PROXY TCP6 2001:db8::1 2001:db8::1 5 5\r\n");
    }

    /** HBONE, and everything else whose peer proved to be one of the mesh. */
    @Test
    void namesTheIdentityOfAPeerOfTheMeshAndTheNameItAskedFor() {
        Peer peer = Peer.of(FOUR, OTHER_FOUR)
                .withIdentity(new Identity("spiffe://td/ns/a/sa/b", Identity.Proof.CERTIFICATE));
        String identity = "D0 0015" + hex("spiffe://td/ns/a/sa/b");
        assertThat(v2(peer))
                .isEqualTo(Upstream.hex(
                        SIGNATURE + "21 11 002A 01020304 06070809 0005 0050" + identity + "D1 0003" + hex("a.b")));
        assertThat(header(ProxyHeaderTransport::v2, "10.0.0.9:8080", peer))
                .isEqualTo(Upstream.hex(SIGNATURE + "21 11 0024 01020304 06070809 0005 0050" + identity));
        Peer user = Peer.of(FOUR, OTHER_FOUR).withIdentity(new Identity("user:ann", Identity.Proof.PASSWORD));
        assertThat(v2(user)).isEqualTo(Upstream.hex(SIGNATURE + "21 11 000C 01020304 06070809 0005 0050"));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void mapsIpv4BesideIpv6() {
        assertThat(v2(Peer.of(FOUR, SIX)))
                .isEqualTo(Upstream.hex(SIGNATURE + "21 21 0024 00*10 FFFF 01020304 20010DB8 00*11 01 0005 0005"));
        assertThat(v1(Peer.of(FOUR, SIX))).isEqualTo("PROXY TCP6 ::ffff:1.2.3.4 2001:db8::1 5 5\r\n");
    }

    @Test
    void prefersTheDestinationBeforeCapture() {
        Peer captured =
                new Peer(FOUR, new InetSocketAddress("127.0.0.1", 15001), Optional.of(OTHER_FOUR), Optional.empty());
        assertThat(v1(captured)).isEqualTo("PROXY TCP4 1.2.3.4 6.7.8.9 5 80\r\n");
    }

    @Test
    void namesNobodyForAUnixSocket() {
        assertThat(v2(LOCAL_SOCKET)).isEqualTo(Upstream.hex(SIGNATURE + "20 00 0000"));
        assertThat(v1(LOCAL_SOCKET)).isEqualTo("PROXY UNKNOWN\r\n");
    }

    @Test
    void cancelBeforeTheConnectIsPassedOn() {
        Upstream upstream = new Upstream(ProxyHeaderTransport::v2, "a.b:1", Map.of());
        upstream.dialled.cancel(false);
        upstream.wire.runPendingTasks();
        assertThat(upstream.below().isCancelled()).isTrue();
    }
}
