package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Cable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two instances with files of their own: one dials a name of the mesh, the other carries on to what is behind it. */
@Timeout(120)
final class MeshIT {
    private static final String WEB = "spiffe://mesh.test/ns/a/sa/web";
    private static final String DB = "spiffe://mesh.test/ns/a/sa/db";
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
        Files.writeString(folder.resolve("revoked.txt"), "# nobody yet\n");
        db = Running.of(
                Files.createDirectory(folder.resolve("db")),
                "listeners: [{address: \"127.0.0.1:0\", fallback: \"127.0.0.1:" + target.port() + "\"}]\n",
                // Or a client that is slow to begin would be taken for a silent one.
                "timeouts: {sniffGrace: 5s}\n",
                Authority.member(folder, "db", "revoked: " + folder.resolve("revoked.txt")),
                Running.LOCAL);
    }

    @AfterEach
    void stop() throws IOException {
        db.close();
        target.close();
    }

    private Running web(String mesh, String identity) throws IOException {
        return web(mesh, identity, db.address());
    }

    private Running web(String mesh, String identity, InetSocketAddress at) throws IOException {
        return Running.of(
                Files.createDirectories(folder.resolve("web")),
                Running.OPEN,
                mesh,
                "discovery: {config: {services: [{name: db.m, endpoints: [\"127.0.0.1:" + at.getPort()
                        + "\"], via: [mtls], identity: \"" + identity + "\"}]}}\n",
                Running.LOCAL);
    }

    @Test
    void carriesAStreamBetweenMembersAndTellsOfIt() throws Exception {
        try (Running web = web(Authority.member(folder, "web"), DB);
                Socket client = Client.socks5(web.address(), "db.m", 5432)) {
            echoes(client);
            assertThat(web.ask("GET", "/status?form=text"))
                    .contains("mesh " + DB.replace("/db", "/web"), "connections 0 in, 1 out");
            assertThat(db.metric("ugate_members_in")).isEqualTo(1);
            assertThat(web.metric("ugate_members_out")).isEqualTo(1);
            assertThat(web.metric("ugate_cert_seconds_left")).isBetween(3000.0, 3600.0);
        }
        await().untilAsserted(() -> assertThat(db.accessLines()).hasSize(1));
        assertThat(db.accessLines().get(0)).contains("\"identity\":\"" + WEB + "\"");
    }

    @Test
    void secretsAreAgreedOnAfterQuantumComputersTooAndAtOnce() throws Exception {
        try (Cable cable = new Cable(db.address());
                Running web = web(Authority.member(folder, "web"), DB, cable.address());
                Socket client = Client.socks5(web.address(), "db.m", 5432)) {
            echoes(client);
            // A ServerHello whose key_share (51) is of group 0x11EC, X25519MLKEM768, with 1,120 octets; a
            // HelloRetryRequest has none.
            assertThat(HexFormat.of().formatHex(cable.heard()))
                    .startsWith("160303")
                    .contains("0033046411ec0460");
        }
    }

    @Test
    void wrongMemberIsRefused() throws Exception {
        try (Running web = web(Authority.member(folder, "web"), WEB)) {
            assertThatThrownBy(() -> Client.socks5(web.address(), "db.m", 5432)).hasMessageContaining("reply 1");
            await().untilAsserted(() -> assertThat(web.accessLines()).hasSize(1));
            assertThat(web.accessLines().get(0)).contains("tls: peer identity " + DB + ": expected " + WEB);
        }
    }

    @Test
    void memberOfNoDomainThatIsTrustedIsRefusedAndJournalled() throws Exception {
        Authority.write(folder, "web", AUTHORITY.issue("spiffe://other.test/ns/a/sa/web"));
        try (Running web = web(Authority.member(folder, "web"), DB);
                Socket client = Client.socks5(web.address(), "db.m", 5432)) {
            // TLS 1.3 tells a client only after its own handshake is done.
            assertThatThrownBy(() -> echoes(client)).isInstanceOfAny(IOException.class, AssertionError.class);
        }
        await().untilAsserted(() -> assertThat(db.log())
                .anyMatch(line -> line.contains("trust domain of spiffe://other.test/ns/a/sa/web: no bundle")));
    }

    @Test
    void nodeWithoutFilesProvesItsKeyAndKeepsIt() throws Exception {
        String identity;
        try (Running web =
                web("mesh: {trust: [{domain: mesh.test, bundle: " + folder.resolve("ca.pem") + "}]}\n", DB)) {
            identity = web.ask("GET", "/status").replaceFirst("(?s).*\"identity\":\"(key:[A-Z2-7]{52})\".*", "$1");
            try (Socket client = Client.socks5(web.address(), "db.m", 5432)) {
                echoes(client);
            }
        }
        await().untilAsserted(() -> assertThat(db.accessLines()).hasSize(1));
        assertThat(db.accessLines().get(0)).contains("\"identity\":\"" + identity + "\"");
        try (Running again = web("", DB)) {
            assertThat(again.ask("GET", "/status")).contains(identity);
        }
    }

    @Test
    void aSidecarWithACertificateIsReachedByTheNameOfItsKeyToo() throws Exception {
        X509Certificate shown =
                PemText.certificates(Files.readString(folder.resolve("db.pem"))).get(0);
        String name =
                NodeId.of(PublicKeys.marshalled(shown.getPublicKey())).text().toLowerCase(Locale.ROOT) + ".m";
        try (Running sidecar = Running.of(
                        Files.createDirectory(folder.resolve("sidecar")),
                        "listeners: [{address: \"127.0.0.1:0\", role: sidecar, protocols: [hbone], app: 127.0.0.1}]\n",
                        Authority.member(folder, "db"),
                        Running.LOCAL);
                Running web = Running.of(
                        Files.createDirectory(folder.resolve("web")),
                        Running.OPEN,
                        Authority.member(folder, "web"),
                        "discovery: {config: {services: [{name: " + name + ", endpoints: [\"127.0.0.1:"
                                + sidecar.address().getPort() + "\"], via: [hbone]}]}}\n",
                        Running.LOCAL);
                Socket client = Client.socks5(web.address(), name, target.port())) {
            echoes(client);
        }
    }

    @Test
    void revocationEndsALiveStreamWithinFiveSeconds() throws Exception {
        try (Running web = web(Authority.member(folder, "web"), DB);
                Socket client = Client.socks5(web.address(), "db.m", 5432)) {
            echoes(client);
            Instant revoked = Instant.now();
            Files.writeString(folder.resolve("revoked.txt"), WEB + "\n");
            assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
            assertThat(Duration.between(revoked, Instant.now())).isLessThan(Duration.ofSeconds(5));
            assertThat(db.metric("ugate_members_revoked_total")).isEqualTo(1);
            try (Socket other = Client.socks5(web.address(), "db.m", 5432)) {
                assertThatThrownBy(() -> echoes(other)).isInstanceOfAny(IOException.class, AssertionError.class);
            }
        }
    }

    /** The new root has the name of the old one, and another key. */
    @Test
    void aRootThatIsReplacedEndsWhatHangsOnItWithinFiveSeconds() throws Exception {
        try (Running web = web(Authority.member(folder, "web"), DB);
                Socket client = Client.socks5(web.address(), "db.m", 5432)) {
            echoes(client);
            Instant replaced = Instant.now();
            Authority.create().writeRoot(folder);
            assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
            assertThat(Duration.between(replaced, Instant.now())).isLessThan(Duration.ofSeconds(5));
            await().untilAsserted(() -> {
                assertThat(db.metric("ugate_members_in")).isZero();
                assertThat(web.metric("ugate_members_out")).isZero();
            });
        }
    }

    @Test
    void anotherRootBesideTheOldOneEndsNothing() throws Exception {
        try (Running web = web(Authority.member(folder, "web"), DB);
                Socket client = Client.socks5(web.address(), "db.m", 5432)) {
            echoes(client);
            Authority other = Authority.create("other");
            Files.writeString(
                    folder.resolve("ca.pem"),
                    other.root().getCertificatePEM() + AUTHORITY.root().getCertificatePEM());
            Authority.write(folder, "web", other.issue(Instant.now().plusSeconds(9_000), WEB));
            await().untilAsserted(() ->
                    assertThat(web.metric("ugate_cert_seconds_left")).isGreaterThan(5_000));
            await().untilAsserted(() -> {
                try (Socket second = Client.socks5(web.address(), "db.m", 5432)) {
                    echoes(second);
                }
            });
            echoes(client);
            assertThat(db.metric("ugate_members_revoked_total")).isZero();
        }
    }

    @Test
    void renewedFilesCountForTheNextConnectionAndLeaveLiveOnesAlone() throws Exception {
        try (Running web = web(Authority.member(folder, "web"), DB);
                Socket client = Client.socks5(web.address(), "db.m", 5432)) {
            echoes(client);
            double before = web.metric("ugate_cert_seconds_left");
            Authority.write(folder, "web", AUTHORITY.issue(Instant.now().plusSeconds(9_000), WEB));
            await().untilAsserted(() ->
                    assertThat(web.metric("ugate_cert_seconds_left")).isGreaterThan(before + 1_000));
            echoes(client);
            try (Socket other = Client.socks5(web.address(), "db.m", 5432)) {
                echoes(other);
            }
        }
    }

    @Test
    void badFileChangesNothing() throws Exception {
        try (Running web = web(Authority.member(folder, "web"), DB)) {
            Files.writeString(folder.resolve("ca.pem"), "nothing\n");
            await().untilAsserted(() -> assertThat(web.log())
                    .anyMatch(line -> line.contains("certificates kept") && line.contains("ca.pem")));
            try (Socket client = Client.socks5(web.address(), "db.m", 5432)) {
                echoes(client);
            }
        }
    }

    private static void echoes(Socket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
    }
}
