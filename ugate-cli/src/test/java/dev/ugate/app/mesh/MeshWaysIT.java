package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.model.x509.PemText;
import dev.ugate.testing.Authority;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way through the mesh, in mesh TLS or SSH, over sockets or in the messages of a WebSocket, proves the same and ends for the same reasons. */
@Timeout(120)
final class MeshWaysIT {
    private static final String WEB = "spiffe://mesh.test/ns/a/sa/web";
    private static final String DB = "spiffe://mesh.test/ns/a/sa/db";
    private static final String NAME = "db.example";
    private static final Authority AUTHORITY = Authority.create();

    @TempDir
    Path folder;

    private Upstream target;
    private Running db;

    @BeforeEach
    void start() throws IOException {
        target = Upstream.echo();
        AUTHORITY.writeRoot(folder);
        Authority.write(folder, "db", AUTHORITY.issue(DB));
        Authority.write(folder, "web", AUTHORITY.issue(WEB));
        Files.writeString(folder.resolve("revoked.txt"), "\n");
        db = Running.of(
                Files.createDirectory(folder.resolve("db")),
                "listeners: [{address: \"127.0.0.1:0\", forward: open, http: {websocket: {}}}]\n",
                Authority.member(folder, "db", "revoked: " + folder.resolve("revoked.txt")),
                "discovery: {chain: [config], config: {services: [" + service(NAME, target.port(), "") + ", "
                        + service("dead.example", 1, "") + "]}}\n",
                "policy: {default: deny, deny: [{name: no-mail, port: 25}], allow: [{name: local, from: 127.0.0.0/8}]}\n");
    }

    @AfterEach
    void stop() throws IOException {
        db.close();
        target.close();
    }

    private static String service(String name, int port, String more) {
        return "{name: " + name + ", endpoints: [\"127.0.0.1:" + port + "\"]" + more + "}";
    }

    private Running web(String via) throws IOException {
        return web(via, DB);
    }

    private Running web(String via, String identity) throws IOException {
        int port = db.address().getPort();
        String more = ", via: [" + via + "], identity: \"" + identity + "\"";
        return Running.of(
                Files.createDirectories(folder.resolve("web")),
                Running.OPEN,
                Authority.member(folder, "web"),
                "discovery: {config: {services: [" + service(NAME, port, more) + ", "
                        + service("dead.example", port, more) + ", " + service("gone.example", port, more) + "]}}\n",
                Running.LOCAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "connect", "hbone, ws", "ssh"})
    void carriesAStreamUnderTheIdentityOfTheMember(String via) throws Exception {
        try (Running web = web(via)) {
            try (Socket client = Client.socks5(web.address(), NAME, 5432)) {
                echoes(client);
            }
            await().untilAsserted(() -> assertThat(db.accessLines()).isNotEmpty());
            assertThat(db.accessLines().get(0)).contains("\"identity\":\"" + WEB + "\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "connect", "hbone, ws", "ssh"})
    void liveStreamOutlivesARenewalAndNotARevocation(String via) throws Exception {
        try (Running web = web(via);
                Socket held = Client.socks5(web.address(), NAME, 5432)) {
            echoes(held);
            double before = web.metric("ugate_cert_seconds_left");
            Authority.write(folder, "web", AUTHORITY.issue(Instant.now().plusSeconds(9_000), WEB));
            await().untilAsserted(() ->
                    assertThat(web.metric("ugate_cert_seconds_left")).isGreaterThan(before + 1_000));
            // The connection with the old certificate is drained, so that this stream has one of its own.
            await().untilAsserted(() -> {
                try (Socket other = Client.socks5(web.address(), NAME, 5432)) {
                    echoes(other);
                    assertThat(db.metric("ugate_members_in")).isEqualTo(2);
                }
            });
            echoes(held);
            Instant revoked = Instant.now();
            Files.writeString(folder.resolve("revoked.txt"), WEB + "\n");
            assertThatThrownBy(() -> held.getInputStream().read()).hasMessageContaining("reset");
            assertThat(Duration.between(revoked, Instant.now())).isLessThan(Duration.ofSeconds(5));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void wrongMemberIsRefused(String via) throws Exception {
        try (Running web = web(via, WEB)) {
            assertThatThrownBy(() -> Client.socks5(web.address(), NAME, 5432)).hasMessageContaining("reply 1");
            await().untilAsserted(() -> assertThat(web.accessLines()).hasSize(1));
            assertThat(web.accessLines().get(0)).contains(DB + ": expected " + WEB, "\"reason\":\"upstream_identity\"");
        }
        assertThat(target.accepted()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void memberOfNoDomainThatIsTrustedIsRefusedAndJournalled(String via) throws Exception {
        Authority.write(folder, "web", AUTHORITY.issue("spiffe://other.test/ns/a/sa/web"));
        try (Running web = web(via)) {
            nobodyGetsThrough(web);
            // The journal is that of one instance, the log that of the process.
            await().untilAsserted(() -> assertThat(String.join("\n", db.log()) + String.join("\n", web.log()))
                    .contains("trust domain of spiffe://other.test/ns/a/sa/web: no bundle"));
            // A client of SSH is told by its far end's refusal; one of TLS by an alert.
            if (via.equals("hbone")) {
                await().untilAsserted(() ->
                        assertThat(String.join("\n", web.accessLines())).contains("tls: alert of the peer: "));
            }
        }
        assertThat(target.accepted()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aSerialThatIsRevokedEndsWhatLivesAndWhatBegins(String via) throws Exception {
        X509Certificate shown = PemText.certificates(Files.readString(folder.resolve("web.pem")))
                .get(0);
        try (Running web = web(via);
                Socket held = Client.socks5(web.address(), NAME, 5432)) {
            echoes(held);
            Instant revoked = Instant.now();
            Files.writeString(
                    folder.resolve("revoked.txt"),
                    HexFormat.of().formatHex(shown.getSerialNumber().toByteArray()) + "\n");
            assertThatThrownBy(() -> held.getInputStream().read()).hasMessageContaining("reset");
            assertThat(Duration.between(revoked, Instant.now())).isLessThan(Duration.ofSeconds(5));
            assertThat(db.metric("ugate_members_revoked_total")).isEqualTo(1);
            nobodyGetsThrough(web);
            Authority.write(folder, "web", AUTHORITY.issue(WEB));
            await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> {
                try (Socket again = Client.socks5(web.address(), NAME, 5432)) {
                    echoes(again);
                }
            });
        }
    }

    /** Decision 15: a minute later than its certificate, as nothing newer was shown. */
    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    @Tag("long")
    void aMemberWhoseCertificateIsOverIsCutOff(String via) throws Exception {
        Instant end = Instant.now().plusSeconds(8);
        Authority.write(folder, "web", AUTHORITY.issue(end, WEB));
        try (Running web = web(via);
                Socket held = Client.socks5(web.address(), NAME, 5432)) {
            echoes(held);
            held.setSoTimeout(90_000);
            assertThatThrownBy(() -> held.getInputStream().read()).hasMessageContaining("reset");
            assertThat(Duration.between(end, Instant.now())).isBetween(Duration.ofSeconds(55), Duration.ofSeconds(65));
            assertThat(db.metric("ugate_members_expired_total") + web.metric("ugate_members_expired_total"))
                    .isPositive();
            nobodyGetsThrough(web);
        }
    }

    /** What the far end says is what the client is told, in its own protocol. */
    @ParameterizedTest
    @CsvSource({
        "hbone, db.example, 25, 2, denied",
        "ssh, db.example, 25, 2, denied",
        "hbone, dead.example, 5432, 5, connection_refused",
        "ssh, dead.example, 5432, 5, connection_refused",
        "hbone, gone.example, 5432, 4, unresolved",
        "ssh, gone.example, 5432, 4, unresolved"
    })
    void reasonsCrossTheHop(String via, String name, int port, int reply, String reason) throws Exception {
        try (Running web = web(via)) {
            assertThatThrownBy(() -> Client.socks5(web.address(), name, port)).hasMessageContaining("reply " + reply);
            await().untilAsserted(() -> assertThat(web.accessLines()).hasSize(1));
            assertThat(web.accessLines().get(0)).contains("\"reason\":\"" + reason + "\"");
            await().untilAsserted(() -> assertThat(db.accessLines()).hasSize(1));
            assertThat(db.accessLines().get(0)).contains("\"reason\":\"" + reason + "\"", "\"identity\":\"" + WEB);
        }
    }

    private static void nobodyGetsThrough(Running web) {
        assertThatThrownBy(() -> {
                    try (Socket other = Client.socks5(web.address(), NAME, 5432)) {
                        echoes(other);
                    }
                })
                .isInstanceOfAny(IOException.class, AssertionError.class);
    }

    private static void echoes(Socket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
    }
}
