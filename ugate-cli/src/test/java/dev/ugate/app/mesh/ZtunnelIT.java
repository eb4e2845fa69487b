package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Programs;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What ztunnel does on the wire, by OpenSSL and hyper-h2, at either end: certificates without a subject, no server name, ALPN h2 alone,
 * frames of 1 MiB.
 */
@Tag("interop")
@Timeout(90)
final class ZtunnelIT {
    private static final String OURS = "spiffe://cluster.local/ns/web/sa/ours";
    private static final String ZTUNNEL = "spiffe://cluster.local/ns/db/sa/ztunnel";
    private static final String PYTHON = "/usr/bin/python3";
    private static final byte[] BODY = new byte[5 << 20];

    static {
        new Random(9).nextBytes(BODY);
    }

    @TempDir
    Path folder;

    private Programs programs;
    private SpiffeFiles files;
    private Upstream target;
    private String script;

    @BeforeAll
    static void peers() {
        Peers.require(PYTHON, "/usr/lib/python3/dist-packages/h2", "openssl");
    }

    @BeforeEach
    void start() throws Exception {
        programs = new Programs(folder);
        target = Upstream.echo();
        files = new SpiffeFiles(programs).root().issue("ours", OURS).issue("ztunnel", ZTUNNEL);
        Path file = folder.resolve("ztunnel.py");
        try (InputStream in = ZtunnelIT.class.getResourceAsStream("/hbone/ztunnel.py")) {
            Files.copy(in, file);
        }
        script = file.toString();
    }

    @AfterEach
    void stop() throws IOException {
        programs.close();
        target.close();
    }

    @Test
    void ztunnelDialsUs() throws Exception {
        Path input = Files.write(folder.resolve("body"), BODY);
        try (Running gate = Running.of(
                Files.createDirectory(folder.resolve("gate")),
                "listeners: [{address: \"127.0.0.1:0\", forward: open}]\n",
                "policy: {default: deny, allow: [{name: db, from: \"" + ZTUNNEL + "\", port: " + target.port()
                        + "}, {name: address, from: \"" + ZTUNNEL + "\", cidr: 127.0.0.0/8, port: " + target.port()
                        + "}]}\n",
                files.mesh("ours"))) {
            assertThat(tunnel(gate, "echo", input, "127.0.0.1:" + target.port()))
                    .hasBinaryContent(BODY);
            assertThat(folder.resolve("echo.err")).content().contains("largest frame 1048576");
            assertThat(tunnel(gate, "denied", input, "127.0.0.1:25")).hasContent("401");
            await().untilAsserted(() -> assertThat(gate.accessLines()).hasSize(2));
            assertThat(gate.accessLines())
                    .allMatch(line -> line.contains("\"protocol\":\"hbone\"")
                            && line.contains("\"identity\":\"" + ZTUNNEL + "\""))
                    .anyMatch(line -> line.contains("\"bytes_in\":5242880,\"bytes_out\":5242880"));
        }
    }

    private Path tunnel(Running gate, String name, Path input, String authority) throws Exception {
        String port = "" + gate.address().getPort();
        return programs.run(name, input, PYTHON, script, "client", port, folder.toString(), OURS, authority);
    }

    @Test
    void weDialZtunnel() throws Exception {
        int port = FreePort.next();
        programs.serve("server", port, PYTHON, script, "server", "" + port, folder.toString(), OURS);
        try (Running gate = Running.of(
                Files.createDirectory(folder.resolve("gate")),
                Running.OPEN,
                Running.LOCAL,
                "discovery: {config: {services: [" + service("right.m", port, ZTUNNEL) + ", "
                        + service("wrong.m", port, OURS) + "]}}\n",
                "routes: [" + route("wrong", "host: wrong.test") + ", " + route("right", "host: told.test") + ", "
                        + route("right", "cidr: 127.0.0.0/8") + "]\n",
                files.mesh("ours"))) {
            assertThat(Client.echoed(Client.socks5(gate.address(), "127.0.0.1", target.port()), BODY))
                    .isEqualTo(BODY);
            try (Socket told = Client.socks5(gate.address(), "told.test", 80)) {
                assertThat(told.getInputStream().readAllBytes())
                        .asString()
                        .contains("\":authority\": \"told.test:80\"", "\"sni\": null", "\"traceparent\": \"00-");
            }
            assertThatThrownBy(() -> Client.socks5(gate.address(), "wrong.test", 80))
                    .hasMessageContaining("reply 1");
        }
    }

    private static String service(String name, int port, String identity) {
        return "{name: " + name + ", endpoints: [\"127.0.0.1:" + port + "\"], via: [hbone], identity: \"" + identity
                + "\"}";
    }

    private static String route(String to, String match) {
        return "{name: " + match.replaceAll("[^a-z]", "") + ", match: {" + match + "}, to: \"" + to
                + ".m:15008\", via: [hbone]}";
    }
}
