package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity.End;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.spi.Dial;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Members;
import dev.ugate.testing.Sink;
import io.netty.channel.Channel;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** T31 in the mesh: what is shown, and whom we take. The server is the JDK's TLS and tells what it saw. */
@Timeout(60)
final class MeshTlsTransportTest {
    private static final String WEB = "spiffe://mesh.test/ns/a/sa/web";
    private static final String DB = "spiffe://mesh.test/ns/a/sa/db";
    private static final Members MESH = new Members();
    private static final Loops LOOPS = Loops.start(Loops.Backend.EPOLL, 1);

    private final LiveProofs proofs = new LiveProofs(InstantSource.system());
    private Optional<MeshContexts> contexts =
            Optional.of(MESH.contexts(MESH.issue(WEB), Map.of("shop", MESH.issue("spiffe://mesh.test/ns/a/sa/shop"))));
    private final MeshTlsTransport transport =
            new MeshTlsTransport(new TcpTransport(LOOPS, Limits.STANDARD), () -> contexts, proofs);
    private ServerSocket listening;
    private volatile List<X509Certificate> shown = List.of();

    @AfterAll
    static void stop() {
        LOOPS.stop(1);
    }

    @AfterEach
    void close() throws IOException {
        if (listening != null) {
            listening.close();
        }
    }

    @Test
    void showsItsCertificateToTheExpectedMemberAndNamesNoServer() throws Exception {
        Channel channel = dial(serve(MESH.authority.issue(DB)), DB, Map.of("alpn", "h2"));
        assertThat(told(channel)).isEqualTo("h2 TLSv1.3 []");
        assertThat(PeerCertificate.identity(shown.get(0)).name()).isEqualTo(WEB);
        assertThat(channel.attr(TlsTransport.ALPN).get()).isEqualTo("h2");
        assertThat(proofs.count(End.SERVER)).isEqualTo(1);
        channel.close().await(5, TimeUnit.SECONDS);
        assertThat(proofs.count(End.SERVER)).isZero();
    }

    @Test
    void offersWhatOnlyMembersSpeakUnlessToldOtherwise() throws Exception {
        Channel channel = dial(serve(MESH.authority.issue(DB)), DB, Map.of());
        assertThat(told(channel)).startsWith("ugate ");
        channel.close();
    }

    @Test
    void namesTheServerWhereAnOptionSaysSo() throws Exception {
        Channel channel = dial(serve(MESH.authority.issue(DB)), DB, Map.of("serverName", "db.m"));
        assertThat(told(channel)).contains("db.m");
        channel.close();
    }

    @Test
    void showsTheCertificateOfTheWorkload() throws Exception {
        int port = serve(MESH.authority.issue(DB));
        Channel channel = done(transport.dial(dialOf(port, DB, Map.of(), Optional.of("shop")), LOOPS.next()))
                .getNow();
        told(channel);
        assertThat(PeerCertificate.identity(shown.get(0)).name()).isEqualTo("spiffe://mesh.test/ns/a/sa/shop");
        channel.close();
    }

    @Test
    void workloadWithoutCredentialIsNotReplacedByTheNode() throws Exception {
        int port = serve(MESH.authority.issue(DB));
        Future<Channel> way = done(transport.dial(dialOf(port, DB, Map.of(), Optional.of("ghost")), LOOPS.next()));
        assertThat(way.cause()).hasMessage("tls: workload ghost: no credential: expected one in mesh.workloads");
    }

    @Test
    void t21OtherMemberIsRefusedInPlainWords() throws Exception {
        Refused why = refused(serve(MESH.authority.issue(DB)), WEB, Map.of());
        assertThat(why.reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
        assertThat(why.text()).isEqualTo("tls: peer identity " + DB + ": expected " + WEB);
        assertThat(proofs.count(End.SERVER)).isZero();
    }

    @Test
    void takesAnyOfAnExpectedSet() throws Exception {
        dial(serve(MESH.authority.issue(DB)), WEB + ", " + DB, Map.of()).close();
    }

    @Test
    void takesThePinnedKeyWhateverElseItsCertificateSays() throws Exception {
        X509Bundle certificate = MESH.authority.issue(DB);
        NodeId key =
                NodeId.of(PublicKeys.marshalled(certificate.getCertificate().getPublicKey()));
        dial(serve(certificate), key.identity(), Map.of()).close();
        assertThat(refused(serve(MESH.authority.issue(DB)), key.identity(), Map.of())
                        .text())
                .isEqualTo("tls: peer identity " + DB + ": expected " + key.identity());
    }

    @Test
    void expectationOfTheLayerGoesBeforeThatOfTheEndpoint() throws Exception {
        dial(serve(MESH.authority.issue(DB)), WEB, Map.of("identity", DB)).close();
    }

    @Test
    void t31NobodyExpectedIsNobodyDialled() throws Exception {
        listening = new ServerSocket(0);
        Refused why = refused(listening.getLocalPort(), "", Map.of());
        assertThat(why.reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
        assertThat(why.text()).contains("expected one");
        listening.setSoTimeout(200);
        org.assertj.core.api.Assertions.assertThatThrownBy(listening::accept)
                .isInstanceOf(java.net.SocketTimeoutException.class);
    }

    @Test
    void withoutCredentialNothingIsDialled() throws Exception {
        contexts = Optional.empty();
        assertThat(refused(serve(MESH.authority.issue(DB)), DB, Map.of()).text())
                .startsWith("tls: no credential: expected");
    }

    @Test
    void t23ExpiredMemberIsRefused() throws Exception {
        Refused why = refused(serve(MESH.authority.issue(Instant.now().minusSeconds(90), DB)), DB, Map.of());
        assertThat(why.reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
        assertThat(why.text()).startsWith("tls: peer certificate: ");
    }

    @Test
    void strangerIsRefused() throws Exception {
        Authority stranger = Authority.create();
        Refused why = refused(serve(stranger.issue(DB)), DB, Map.of());
        assertThat(why.reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
    }

    @Test
    void t30OldVersionIsRefused() throws Exception {
        int port = serve(MESH.authority.issue(DB), "TLSv1.2");
        assertThat(refused(port, DB, Map.of()).reason()).isEqualTo(Refusal.UNREACHABLE);
    }

    @Test
    void renewalCountsForTheNextHandshake() throws Exception {
        contexts = Optional.of(MESH.contexts(MESH.issue("spiffe://mesh.test/ns/a/sa/renewed")));
        Channel channel = dial(serve(MESH.authority.issue(DB)), DB, Map.of());
        told(channel);
        assertThat(PeerCertificate.identity(shown.get(0)).name()).endsWith("renewed");
        channel.close();
    }

    private static String told(Channel channel) throws Exception {
        Sink sink = new Sink();
        channel.eventLoop()
                .submit(() -> {
                    channel.pipeline().addLast(sink);
                    channel.config().setAutoRead(true);
                })
                .await(5, TimeUnit.SECONDS);
        Awaitility.await().until(sink::ended);
        return new String(sink.taken(), StandardCharsets.US_ASCII);
    }

    private Channel dial(int port, String identity, Map<String, String> options) throws Exception {
        Future<Channel> way = done(transport.dial(dialOf(port, identity, options, Optional.empty()), LOOPS.next()));
        assertThat(way.cause()).isNull();
        return way.getNow();
    }

    private Refused refused(int port, String identity, Map<String, String> options) throws Exception {
        Future<Channel> way = done(transport.dial(dialOf(port, identity, options, Optional.empty()), LOOPS.next()));
        assertThat(way.cause()).isInstanceOf(Refused.class);
        return (Refused) way.cause();
    }

    private static Future<Channel> done(Future<Channel> way) throws InterruptedException {
        assertThat(way.await(10, TimeUnit.SECONDS)).isTrue();
        return way;
    }

    private static Dial dialOf(int port, String identity, Map<String, String> options, Optional<String> workload) {
        HostPort target = new HostPort("db.m", port);
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
        List<Carrier> via = List.of(Carrier.MESH_TLS.with(options), Carrier.TCP);
        Endpoint endpoint = new Endpoint(
                target, List.of(address), via, Optional.of(identity).filter(name -> !name.isEmpty()), 1, true);
        Intent intent = Intent.bytes("test", Peer.of(address, address), target);
        return new Dial(
                intent, endpoint, System.nanoTime() + Duration.ofSeconds(5).toNanos(), workload);
    }

    /** Tells what it saw: application protocol, version, server names; then ends. */
    private int serve(X509Bundle certificate) throws IOException {
        return serve(certificate, "TLSv1.3");
    }

    private int serve(X509Bundle certificate, String version) throws IOException {
        SSLServerSocket server = (SSLServerSocket)
                MESH.authority.jdk(certificate).getServerSocketFactory().createServerSocket(0);
        server.setNeedClientAuth(true);
        server.setEnabledProtocols(new String[] {version});
        var parameters = server.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "ugate"});
        server.setSSLParameters(parameters);
        listening = server;
        Thread thread = new Thread(() -> {
            try (SSLSocket socket = (SSLSocket) server.accept()) {
                socket.startHandshake();
                ExtendedSSLSession session = (ExtendedSSLSession) socket.getSession();
                shown = List.of((X509Certificate) session.getPeerCertificates()[0]);
                String seen = socket.getApplicationProtocol() + " " + session.getProtocol() + " "
                        + session.getRequestedServerNames();
                socket.getOutputStream().write(seen.getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException refused) {
                // The client said no, or the test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }
}
