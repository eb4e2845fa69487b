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

/** HBONE with Envoy as Istio runs it: certificates without a subject, whose SPIFFE id is critical, no SNI, ALPN h2. */
@Tag("interop")
@Timeout(90)
final class EnvoyMeshIT {
    private static final String OURS = "spiffe://cluster.local/ns/web/sa/ours";
    private static final String ENVOY = "spiffe://cluster.local/ns/db/sa/envoy";
    private static final byte[] BODY = new byte[5 << 20];

    static {
        new Random(8).nextBytes(BODY);
    }

    @TempDir
    Path folder;

    private Programs programs;
    private SpiffeFiles files;
    private Upstream target;

    @BeforeAll
    static void peers() {
        Peers.require("envoy", "openssl");
    }

    @BeforeEach
    void start() throws Exception {
        programs = new Programs(folder);
        target = Upstream.echo();
        files = new SpiffeFiles(programs).root().issue("ours", OURS).issue("envoy", ENVOY);
    }

    @AfterEach
    void stop() throws IOException {
        programs.close();
        target.close();
    }

    private Running gate(String... sections) throws IOException {
        String[] all = new String[sections.length + 1];
        System.arraycopy(sections, 0, all, 0, sections.length);
        all[sections.length] = files.mesh("ours");
        return Running.of(Files.createDirectory(folder.resolve("gate")), all);
    }

    private void envoy(String name, int port, String config) throws IOException {
        Path file = Files.writeString(folder.resolve(name + ".yaml"), config);
        programs.serve(
                name,
                port,
                "envoy",
                "-c",
                file.toString(),
                "--use-dynamic-base-id",
                "--concurrency",
                "1",
                "-l",
                "warn");
    }

    @Test
    void envoyDialsUs() throws Exception {
        try (Running gate = gate(
                "listeners: [{address: \"127.0.0.1:0\", forward: open, protocols: [hbone]}]\n",
                "policy: {default: deny, allow: [{name: db, from: \"" + ENVOY + "\", port: " + target.port()
                        + "}, {name: address, from: \"" + ENVOY + "\", cidr: 127.0.0.0/8, port: " + target.port()
                        + "}]}\n")) {
            int allowed = FreePort.next();
            int denied = FreePort.next();
            envoy(
                    "client",
                    allowed,
                    EnvoyFiles.client(gate.address().getPort(), EnvoyFiles.tls(folder.toString(), "envoy", OURS, true))
                            .listener(allowed, "127.0.0.1:" + target.port())
                            .listener(denied, "127.0.0.1:25")
                            .text());
            assertThat(Client.echoed(new Socket("127.0.0.1", allowed), BODY)).isEqualTo(BODY);
            try (Socket client = new Socket("127.0.0.1", denied)) {
                client.setSoTimeout(30_000);
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
            // One more is that of the probe which waited for Envoy.
            await().untilAsserted(() -> assertThat(gate.accessLines()).hasSize(3));
            assertThat(gate.accessLines())
                    .allMatch(line ->
                            line.contains("\"protocol\":\"hbone\"") && line.contains("\"identity\":\"" + ENVOY + "\""))
                    .anyMatch(line -> line.contains("\"reason\":\"ok\",\"bytes_in\":5242880,\"bytes_out\":5242880"))
                    .anyMatch(line -> line.contains("\"reason\":\"denied\""));
        }
    }

    @Test
    void weDialEnvoy() throws Exception {
        int port = FreePort.next();
        envoy(
                "server",
                port,
                EnvoyFiles.server(
                        port,
                        target.port(),
                        FreePort.next(),
                        EnvoyFiles.tls(folder.toString(), "envoy", OURS, false),
                        0));
        try (Running gate = gate(Running.OPEN, Running.LOCAL, services(port, ENVOY))) {
            assertThat(Client.echoed(Client.socks5(gate.address(), "app.test", 80), BODY))
                    .isEqualTo(BODY);
            assertThatThrownBy(() -> Client.socks5(gate.address(), "denied.test", 80))
                    .hasMessageContaining("reply 2");
            assertThatThrownBy(() -> Client.socks5(gate.address(), "closed.test", 80))
                    .hasMessageContaining("reply 3");
            assertThat(gate.metric("ugate_mesh_dialled_total")).isBetween(1.0, 2.0);
        }
    }

    @Test
    void envoyOfAnotherNameIsRefused() throws Exception {
        int port = FreePort.next();
        envoy(
                "server",
                port,
                EnvoyFiles.server(
                        port,
                        target.port(),
                        FreePort.next(),
                        EnvoyFiles.tls(folder.toString(), "envoy", OURS, false),
                        0));
        try (Running gate =
                gate(Running.OPEN, Running.LOCAL, services(port, "spiffe://cluster.local/ns/db/sa/other"))) {
            assertThatThrownBy(() -> Client.socks5(gate.address(), "app.test", 80))
                    .hasMessageContaining("reply 1");
            await().untilAsserted(() -> assertThat(gate.accessLines()).hasSize(1));
            assertThat(gate.accessLines().get(0)).contains("tls: peer identity " + ENVOY + ": expected");
        }
    }

    private static String services(int port, String identity) {
        StringBuilder services = new StringBuilder("discovery:\n  config:\n    services:\n");
        for (String name : new String[] {"app", "denied", "closed"}) {
            services.append("      - {name: " + name + ".test, endpoints: [\"127.0.0.1:" + port
                    + "\"], via: [hbone], identity: \"" + identity + "\"}\n");
        }
        return services.toString();
    }
}
