package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.Authority;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** D1 between two nodes: web may reach db on 5432; each node's policy alone keeps everything else out. */
@Timeout(60)
final class TwoSidedIT {
    private static final String WEB = "spiffe://mesh.test/ns/web/sa/web";
    private static final String DB = "spiffe://mesh.test/ns/db/sa/db";
    private static final Authority AUTHORITY = Authority.create();
    private static final String OPEN = "policy: {default: allow}\n";

    @TempDir
    Path folder;

    private Upstream application;
    private Running db;
    private Running web;

    @BeforeEach
    void files() throws IOException {
        application = Upstream.echo();
        AUTHORITY.writeRoot(folder);
        Authority.write(folder, "web", AUTHORITY.issue(WEB));
        Authority.write(folder, "db", AUTHORITY.issue(DB));
    }

    @AfterEach
    void stop() throws IOException {
        web.close();
        db.close();
        application.close();
    }

    private Running running(String name, String carrier, String policy, String services) throws IOException {
        return Running.of(
                Files.createDirectories(folder.resolve("of-" + name)),
                "listeners: [{address: \"127.0.0.1:0\", forward: open, protocols: [socks5, " + carrier + "]}]\n",
                Authority.member(folder, name, "carriers: [" + carrier + "]"),
                policy,
                "discovery: {chain: [config], config: {services: [" + services + "]}}\n");
    }

    private static String service(String name, int port, String more) {
        return "{name: " + name + ", endpoints: [\"127.0.0.1:" + port + "\"]" + more + "}";
    }

    /** The services say an identity and no carriers: those of the mesh are taken. */
    private void begin(String carrier, boolean atSource, boolean atDestination) throws IOException {
        String rule = "policy: {allow: [{name: web-db, to: db.m, port: 5432, ";
        db = running(
                "db",
                carrier,
                atDestination ? rule + "from: \"" + WEB + "\", protocol: " + carrier + "}]}\n" : OPEN,
                service("db.m", application.port(), "") + ", " + service("cache.m", application.port(), ""));
        String to = ", identity: \"" + DB + "\"";
        int port = db.address().getPort();
        web = running(
                "web",
                carrier,
                atSource ? rule + "from: 127.0.0.0/8, protocol: socks5}]}\n" : OPEN,
                service("db.m", port, to) + ", " + service("cache.m", port, to));
    }

    private boolean reaches(String name, int port) {
        try (Socket socket = Client.socks5(web.address(), name, port)) {
            return Client.echoes(socket, "query");
        } catch (IOException refused) {
            assertThat(refused).as("not allowed").hasMessageContaining("reply 2");
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "hbone, true, true",
        "hbone, true, false",
        "hbone, false, true",
        "ssh, true, true",
        "ssh, true, false",
        "ssh, false, true"
    })
    void eachEndAloneBlocks(String carrier, boolean atSource, boolean atDestination) throws IOException {
        begin(carrier, atSource, atDestination);
        assertThat(reaches("db.m", 5432)).isTrue();
        assertThat(reaches("db.m", 22)).isFalse();
        assertThat(reaches("cache.m", 5432)).isFalse();
        await().until(() -> db.accessLines().size() == (atSource ? 1 : 3));
        assertThat(db.accessLines())
                .allSatisfy(line -> assertThat(line)
                        .contains("\"identity\":\"" + WEB + "\"")
                        .contains("\"protocol\":\"" + carrier + "\""));
        await().until(() -> web.accessLines().size() == 3);
        assertThat(application.accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aPolicyThatClosesCutsWhatItAllowed(String carrier) throws IOException {
        begin(carrier, true, true);
        try (Socket socket = Client.socks5(web.address(), "db.m", 5432)) {
            assertThat(Client.echoes(socket, "query")).isTrue();
            Path own = folder.resolve("of-db/ugate.yaml");
            Files.writeString(own, Files.readString(own).replace("port: 5432", "port: 5433"));
            assertThat(db.ask("POST", "/reload")).contains("reloaded");
            await().until(() -> db.accessLines().stream().anyMatch(line -> line.contains("since a reload")));
            await().until(() -> db.metric("ugate_streams_cut_total") == 1);
            socket.setSoTimeout(10_000);
            assertThat(ends(socket)).isTrue();
        }
    }

    private static boolean ends(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }
}
