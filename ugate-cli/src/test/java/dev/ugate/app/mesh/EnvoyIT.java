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
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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

/** HBONE in the clear with Envoy at the other end, set up as Istio does it. */
@Tag("interop")
@Timeout(90)
final class EnvoyIT {
    private static final byte[] BODY = new byte[5 << 20];

    static {
        new Random(7).nextBytes(BODY);
    }

    @TempDir
    Path folder;

    private Programs programs;
    private Upstream target;

    @BeforeAll
    static void peers() {
        Peers.require("envoy");
    }

    @BeforeEach
    void start() {
        programs = new Programs(folder);
        target = Upstream.echo();
    }

    @AfterEach
    void stop() throws IOException {
        programs.close();
        target.close();
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
        Path state = Files.createDirectory(folder.resolve("gate"));
        try (Running gate = Running.of(
                state,
                "listeners: [{address: \"127.0.0.1:0\", forward: open, protocols: [hbonec]}]\n",
                "policy: {default: deny, deny: [{name: no-mail, port: 25}], allow: [{name: local, from: 127.0.0.0/8}]}\n")) {
            int allowed = FreePort.next();
            int denied = FreePort.next();
            envoy(
                    "client",
                    allowed,
                    EnvoyFiles.client(gate.address().getPort(), "")
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
                    .anyMatch(line -> line.contains("\"protocol\":\"hbonec\"")
                            && line.contains("\"reason\":\"ok\",\"bytes_in\":5242880,\"bytes_out\":5242880"))
                    .anyMatch(line -> line.contains("\"reason\":\"denied\""));
        }
    }

    @Test
    void weDialEnvoy() throws Exception {
        int port = FreePort.next();
        envoy("server", port, EnvoyFiles.server(port, target.port(), FreePort.next(), "", 0));
        try (Running gate = gate(port)) {
            assertThat(Client.echoed(through(gate, "app.test", 80), BODY)).isEqualTo(BODY);
            assertThatThrownBy(() -> through(gate, "denied.test", 80)).hasMessageContaining("not allowed by ruleset");
            assertThatThrownBy(() -> through(gate, "closed.test", 80)).hasMessageContaining("Network unreachable");
            try (Socket client = through(gate, "app.test", 80)) {
                client.setSoTimeout(30_000);
                client.getOutputStream().write("x".getBytes(StandardCharsets.US_ASCII));
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
        }
    }

    /** Envoy gives up the other direction then; its feature allow_multiplexed_upstream_half_close is off unless somebody turns it on. */
    @Test
    void serverThatEndsFirstIsHeardThroughEnvoy() throws Exception {
        int port = FreePort.next();
        try (ServerSocket server = new ServerSocket(0)) {
            envoy("server", port, EnvoyFiles.server(port, server.getLocalPort(), FreePort.next(), "", 0));
            try (Running gate = gate(port);
                    Socket client = through(gate, "app.test", 80);
                    Socket accepted = server.accept()) {
                accepted.setSoTimeout(30_000);
                client.setSoTimeout(30_000);
                accepted.getOutputStream().write("bye".getBytes(StandardCharsets.US_ASCII));
                accepted.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("bye");
            }
        }
    }

    /** Envoy says GOAWAY after every third tunnel. */
    @Test
    void noTunnelIsLostWhenEnvoyLeaves() throws Exception {
        int port = FreePort.next();
        envoy("server", port, EnvoyFiles.server(port, target.port(), FreePort.next(), "", 3));
        try (Running gate = gate(port)) {
            for (int round = 0; round < 10; round++) {
                Socket[] clients = new Socket[10];
                for (int i = 0; i < clients.length; i++) {
                    clients[i] = through(gate, "app.test", 80);
                }
                for (Socket client : clients) {
                    client.getOutputStream().write('x');
                    assertThat(client.getInputStream().read()).isEqualTo('x');
                    client.close();
                }
            }
            assertThat(gate.metric("ugate_mesh_dialled_total")).isGreaterThanOrEqualTo(100 / 4.0);
        }
    }

    private Running gate(int port) throws IOException {
        return Running.of(
                Files.createDirectory(folder.resolve("gate")),
                Running.OPEN,
                "routes: [{name: far, to: \"127.0.0.1:" + port + "\", via: [" + HboneIT.CLEAR + "]}]\n",
                Running.LOCAL);
    }

    private static Socket through(Running running, String host, int port) throws IOException {
        Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, running.address()));
        socket.setSoTimeout(30_000);
        socket.connect(InetSocketAddress.createUnresolved(host, port));
        return socket;
    }
}
