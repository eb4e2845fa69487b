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
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two networks: mesh TLS with the far end, inside a tunnel of the gateway between, which is a member of its own. */
@Timeout(120)
final class GatewayIT {
    private static final String WEB = "spiffe://mesh.test/ns/a/sa/web";
    private static final String GATE = "spiffe://mesh.test/ns/a/sa/gate";
    private static final String DB = "spiffe://mesh.test/ns/a/sa/db";
    private static final String NAME = "db.example";
    private static final Authority AUTHORITY = Authority.create();
    private static final byte[] MARKER = "planted-marker-of-the-test".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    private Upstream target;
    private Running db;
    private Running gate;

    @BeforeEach
    void start() throws IOException {
        target = Upstream.echo();
        AUTHORITY.writeRoot(folder);
        for (String id : new String[] {WEB, GATE, DB}) {
            Authority.write(folder, id.substring(id.lastIndexOf('/') + 1), AUTHORITY.issue(id));
        }
        db = running(
                "db",
                "listeners: [{address: \"127.0.0.1:0\", forward: open, protocols: [hbone]}]\n"
                        + services("127.0.0.1:" + target.port(), ""));
        gate = running("gate", gateTo(db));
    }

    @AfterEach
    void stop() throws IOException {
        gate.close();
        db.close();
        target.close();
    }

    private Running running(String name, String sections) throws IOException {
        return Running.of(
                Files.createTempDirectory(folder, name), sections, Authority.member(folder, name), Running.LOCAL);
    }

    private static String services(String endpoint, String more) {
        return "discovery: {config: {services: [{name: " + NAME + ", endpoints: [\"" + endpoint + "\"]" + more
                + "}]}}\n";
    }

    private Running web(String gateway, String identity) throws IOException {
        return running("web", Running.OPEN + throughGate(gate, gateway, identity));
    }

    private static String throughGate(Running way, String gateway, String identity) {
        return services(
                "127.0.0.1:" + way.address().getPort(),
                ", via: [hbone, hbone], gateway: {identity: \"" + gateway + "\", network: east}, identity: \""
                        + identity + "\"");
    }

    private static String gateTo(Running far) {
        return "listeners: [{address: \"127.0.0.1:0\", forward: none, protocols: [hbone]}]\n"
                + "routes: [{name: inside, match: {host: " + NAME + "}, to: \"127.0.0.1:"
                + far.address().getPort() + "\"}]\n";
    }

    @Test
    void farEndKnowsTheSourceAndTheGatewayOnlyItsPeers() throws Exception {
        try (Running web = web(GATE, DB)) {
            byte[] body = new byte[3 << 20];
            new Random(3).nextBytes(body);
            System.arraycopy(MARKER, 0, body, 0, MARKER.length);
            for (int i = 0; i < 3; i++) {
                try (Socket client = Client.socks5(web.address(), NAME, 5432)) {
                    client.getOutputStream().write(body);
                    client.shutdownOutput();
                    assertThat(client.getInputStream().readAllBytes()).isEqualTo(body);
                }
            }
            await().untilAsserted(() -> assertThat(db.accessLines()).hasSize(3));
            assertThat(db.accessLines())
                    .allMatch(line -> line.contains("\"identity\":\"" + WEB + "\"")
                            && line.contains("\"protocol\":\"hbone\"")
                            && line.contains("\"bytes_in\":3145728,\"bytes_out\":3145728"));
            await().untilAsserted(() -> assertThat(gate.accessLines()).hasSize(3));
            assertThat(gate.accessLines())
                    .allMatch(line -> line.contains("\"identity\":\"" + WEB + "\"")
                            && line.contains("\"to\":\"" + NAME + ":5432\"")
                            && !line.contains("\"bytes_in\":3145728"));
            assertThat(web.metric("ugate_mesh_dialled_total"))
                    .as("an inner connection each, an outer one a loop")
                    .isBetween(4.0, 5.0);
        }
    }

    @Test
    void streamThatEndsInOrderIsNoFailureOnTheWay() throws Exception {
        try (Running web = web(GATE, DB)) {
            for (int i = 0; i < 3; i++) {
                try (Socket client = Client.socks5(web.address(), NAME, 5432)) {
                    assertThat(Client.say(client, "half-closed")).isEqualTo("half-closed");
                }
            }
            try (Socket client = Client.socks5(web.address(), NAME, 5432)) {
                assertThat(Client.echoes(client, "closed")).isTrue();
            }
            hasNoFailures(gate, 4);
            hasNoFailures(db, 4);
        }
    }

    @Test
    void connectionForRequestsThatWasIdleIsNoFailureOnTheWay() throws Exception {
        String body = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        try (Upstream site = Upstream.of(socket -> {
                    byte[] head = new byte[1 << 12];
                    while (socket.getInputStream().read(head) > 0) {
                        socket.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
                    }
                });
                Running far = running(
                        "db",
                        "listeners: [{address: \"127.0.0.1:0\", forward: open, protocols: [hbone]}]\n"
                                + services("127.0.0.1:" + site.port(), ""));
                Running way = running("gate", gateTo(far));
                Running web = running(
                        "web", Running.OPEN + "timeouts: {upstreamIdle: 300ms}\n" + throughGate(way, GATE, DB));
                Socket client = Client.connect(web.address())) {
            String asked = "GET http://" + NAME + "/ HTTP/1.1\r\nHost: " + NAME + "\r\nConnection: close\r\n\r\n";
            assertThat(Client.say(client, asked)).startsWith("HTTP/1.1 200");
            hasNoFailures(way, 1);
            hasNoFailures(far, 1);
        }
    }

    private static void hasNoFailures(Running node, int streams) throws IOException {
        await().untilAsserted(() -> assertThat(node.accessLines()).hasSize(streams));
        assertThat(node.accessLines()).allMatch(line -> line.contains("\"reason\":\"ok\""));
    }

    @Test
    void eachEndMustBeWhoItIsExpectedToBe() throws Exception {
        try (Running web = web(DB, DB)) {
            refused(web, "tls: peer identity " + GATE + ": expected " + DB);
        }
        try (Running web = web(GATE, GATE)) {
            refused(web, "tls: peer identity " + DB + ": expected " + GATE);
        }
    }

    private static void refused(Running web, String why) throws Exception {
        int before = web.accessLines().size();
        assertThatThrownBy(() -> Client.socks5(web.address(), NAME, 5432)).hasMessageContaining("reply 1");
        await().untilAsserted(() -> assertThat(web.accessLines()).hasSizeGreaterThan(before));
        assertThat(web.accessLines().get(before)).contains(why);
    }
}
