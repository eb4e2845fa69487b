package dev.ugate.protocols.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Carrier;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Identity.End;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.tls.LiveProofs.Cut;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Members;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mesh TLS through whole gates: who comes in, who is told what, and when a live connection ends. */
@Timeout(60)
final class MeshTlsIT {
    private static final String WEB = "spiffe://mesh.test/ns/a/sa/web";
    private static final String DB = "spiffe://mesh.test/ns/a/sa/db";
    private static final Members MESH = new Members();
    private static final List<Carrier> MTLS = List.of(Carrier.MESH_TLS, Carrier.TCP);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final MeshGate web = new MeshGate(MESH, MESH.issue(WEB));
    private final MeshGate db = new MeshGate(MESH, MESH.issue(DB));
    private int webPort;
    private int dbPort;

    @BeforeEach
    void listen() throws IOException {
        webPort = web.listen(Optional.empty());
        dbPort = db.listen(Optional.of(new HostPort("127.0.0.1", echo())));
        web.way(dbPort, DB, MTLS);
    }

    @AfterEach
    void close() {
        web.close();
        db.close();
        threads.shutdownNow();
    }

    @Test
    void twoGatesKnowEachOther() throws Exception {
        try (Socket client = MeshGate.socks(webPort, "db.m")) {
            echoes(client);
            assertThat(web.proofs.count(End.SERVER)).isEqualTo(1);
            assertThat(db.proofs.count(End.CLIENT)).isEqualTo(1);
        }
        await().until(() -> !db.waist.notes.ended().isEmpty());
        assertThat(db.waist.notes.ended().get(0).intent().peer().identity())
                .contains(new Identity(WEB, Identity.Proof.CERTIFICATE));
        await().until(() -> db.proofs.count(End.CLIENT) == 0 && web.proofs.count(End.SERVER) == 0);
    }

    @Test
    void otherMemberThanExpectedIsRefusedToTheClient() {
        web.way(dbPort, "spiffe://mesh.test/ns/a/sa/other", MTLS);
        assertThatThrownBy(() -> MeshGate.socks(webPort, "db.m")).hasMessageContaining("expected 0");
        Refused why = web.waist.notes.ended().get(0).refused().orElseThrow();
        assertThat(why.reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY);
        assertThat(why.text()).contains("tls: peer identity " + DB + ": expected spiffe://mesh.test/ns/a/sa/other");
    }

    @Test
    void worksInsideATunnelOfHttp() throws Exception {
        // At both ends of this dial the mesh TLS runs in a channel that another protocol made.
        MeshGate proxy = new MeshGate(MESH, MESH.issue("spiffe://mesh.test/ns/a/sa/proxy"));
        try (proxy) {
            web.way(proxy.listen(Optional.empty()), DB, List.of(Carrier.MESH_TLS, Carrier.of("http"), Carrier.TCP));
            proxy.plain(dbPort);
            try (Socket client = MeshGate.socks(webPort, "db.m")) {
                echoes(client);
            }
        }
    }

    @Test
    void identityOfAClientIsItsMembers() throws Exception {
        try (SSLSocket socket = socket(MESH.authority.issue(WEB), "h2")) {
            socket.startHandshake();
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
            assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
            await().until(() -> db.proofs.count(End.CLIENT) == 1);
        }
    }

    @Test
    void nameUnderTheSuffixAsksForAMemberToo() throws Exception {
        try (SSLSocket socket = socket(MESH.authority.issue(WEB))) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("db.m")));
            socket.setSSLParameters(parameters);
            echoes(socket);
        }
    }

    @Test
    void missingCertificateIsToldAndJournalled() throws Exception {
        try (SSLSocket socket = socket(null, "h2")) {
            assertTold(socket, "certificate_required");
        }
        assertFailed("client certificate: ");
    }

    @Test
    void t23ExpiredCertificateIsToldAndJournalled() throws Exception {
        try (SSLSocket socket = socket(MESH.authority.issue(Instant.now().minusSeconds(90), WEB), "h2")) {
            assertTold(socket, "certificate_expired");
        }
        assertFailed("client certificate: ");
    }

    @Test
    void strangerIsToldAndJournalled() throws Exception {
        try (SSLSocket socket = socket(Authority.create("stranger").issue(WEB), "h2")) {
            assertTold(socket, "unknown_ca");
        }
        assertFailed("client certificate: ");
    }

    @Test
    void strangerUnderTheNameOfOurAuthorityIsToldAndJournalled() throws Exception {
        try (SSLSocket socket = socket(Authority.create().issue(WEB), "h2")) {
            assertTold(socket, "bad_certificate");
        }
        assertFailed("client certificate: ");
    }

    @Test
    void t30OldVersionIsRefused() throws Exception {
        try (SSLSocket socket = socket(MESH.authority.issue(WEB), "h2")) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatThrownBy(socket::startHandshake).hasMessageContaining("protocol_version");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void revocationCutsWithinSeconds(boolean accepted) throws Exception {
        try (Socket client = MeshGate.socks(webPort, "db.m")) {
            echoes(client);
            (accepted ? db : web).proofs.revoke(chain -> true);
            Instant asked = Instant.now();
            assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
            assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(5));
        }
        assertThat((accepted ? db : web).proofs.ended(Cut.REVOKED)).isEqualTo(1);
    }

    @Test
    void expiryEndsALiveConnectionWhenClocksCannotDifferThatMuch() throws Exception {
        web.show(MESH.issue(Instant.now().plusSeconds(30), WEB));
        try (Socket client = MeshGate.socks(webPort, "db.m")) {
            echoes(client);
            db.ahead(Duration.ofSeconds(85));
            await().during(Duration.ofMillis(500)).until(() -> db.proofs.count(End.CLIENT) == 1);
            echoes(client);
            db.ahead(Duration.ofSeconds(92));
            assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
        }
        assertThat(db.proofs.ended(Cut.EXPIRED)).isEqualTo(1);
    }

    @Test
    void renewedCredentialIsShownBeforeTheOldOneEndsWhatRuns() throws Exception {
        web.show(MESH.issue(Instant.now().plusSeconds(30), WEB));
        try (Socket client = MeshGate.socks(webPort, "db.m")) {
            echoes(client);
            web.show(MESH.issue(WEB));
            web.ahead(Duration.ofSeconds(31));
            // Nobody dials: the gate shows what is new of its own accord, and the connection for that ends at once.
            await().untilAsserted(
                            () -> assertThat(db.waist.notes.detected().stream().filter("tls"::equals))
                                    .hasSize(2));
            await().until(() -> db.proofs.count(End.CLIENT) == 1);
            db.ahead(Duration.ofSeconds(200));
            await().during(Duration.ofMillis(500)).until(() -> db.proofs.count(End.CLIENT) == 1);
            echoes(client);
        }
        assertThat(db.proofs.ended(Cut.EXPIRED)).isZero();
    }

    /** In TLS 1.3 a client is done before the server has judged it, so the alert is the first thing that it reads. */
    private static void assertTold(SSLSocket socket, String alert) throws IOException {
        socket.startHandshake();
        assertThatThrownBy(() -> socket.getInputStream().read()).hasMessageContaining(alert);
    }

    private void assertFailed(String text) {
        await().until(() -> !db.waist.notes.failed().isEmpty());
        assertThat(db.waist.notes.failed().get(0).reason()).isEqualTo(Refusal.UNAUTHENTICATED);
        assertThat(db.waist.notes.failed().get(0).text()).startsWith("tls: " + text);
    }

    private static void echoes(Socket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
    }

    private SSLSocket socket(X509Bundle own, String... alpn) throws IOException {
        SSLSocket socket =
                (SSLSocket) MESH.authority.jdk(own).getSocketFactory().createSocket("127.0.0.1", dbPort);
        socket.setSoTimeout(20_000);
        offer(socket, alpn);
        return socket;
    }

    private static void offer(SSLSocket socket, String... alpn) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(alpn);
        socket.setSSLParameters(parameters);
    }

    /** Echoes on every connection until the test is over. */
    private int echo() throws IOException {
        ServerSocket server = new ServerSocket(0);
        threads.submit(() -> {
            try (server) {
                while (true) {
                    Socket socket = server.accept();
                    threads.submit(() -> {
                        try (socket) {
                            socket.getInputStream().transferTo(socket.getOutputStream());
                        }
                        return null;
                    });
                }
            }
        });
        return server.getLocalPort();
    }
}
