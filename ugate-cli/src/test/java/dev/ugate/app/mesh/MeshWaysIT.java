package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.Authority;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way through the mesh runs in the same mesh TLS: over sockets, and in the messages of a WebSocket at both ends. */
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
                mesh("db", ", revoked: " + folder.resolve("revoked.txt")),
                services("127.0.0.1:" + target.port(), ""),
                Running.LOCAL);
    }

    @AfterEach
    void stop() throws IOException {
        db.close();
        target.close();
    }

    private String mesh(String name, String more) {
        return "mesh: {trust: [{domain: mesh.test, bundle: " + folder.resolve("ca.pem") + "}], certificate: {cert: "
                + folder.resolve(name + ".pem") + ", key: " + folder.resolve(name + ".key") + "}" + more + "}\n";
    }

    private static String services(String endpoint, String more) {
        return "discovery: {config: {services: [{name: " + NAME + ", endpoints: [\"" + endpoint + "\"]" + more
                + "}]}}\n";
    }

    private Running web(String via) throws IOException {
        return Running.of(
                Files.createDirectories(folder.resolve("web")),
                Running.OPEN,
                mesh("web", ""),
                services("127.0.0.1:" + db.address().getPort(), ", via: [" + via + "], identity: \"" + DB + "\""),
                Running.LOCAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "connect", "hbone, ws"})
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
    @ValueSource(strings = {"hbone", "connect", "hbone, ws"})
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

    private static void echoes(Socket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
    }
}
