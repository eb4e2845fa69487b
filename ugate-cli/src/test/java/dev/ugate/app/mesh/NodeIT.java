package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.app.Programs;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** HBONE in the clear with the HTTP/2 of node, which is nghttp2. */
@Tag("interop")
@Timeout(90)
final class NodeIT {
    private static final byte[] BODY = new byte[5 << 20];

    static {
        new Random(6).nextBytes(BODY);
    }

    @TempDir
    Path folder;

    private Programs programs;
    private Upstream target;

    @BeforeEach
    void start() {
        Peers.require("node");
        programs = new Programs(folder);
        target = Upstream.echo();
    }

    @AfterEach
    void stop() throws IOException {
        programs.close();
        target.close();
    }

    private String script(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = NodeIT.class.getResourceAsStream("/hbone/" + name)) {
            Files.copy(in, file);
        }
        return file.toString();
    }

    @Test
    void nodeDialsUs() throws Exception {
        Path input = Files.write(folder.resolve("body"), BODY);
        Path state = Files.createDirectory(folder.resolve("gate"));
        try (Running gate = Running.of(
                state,
                "listeners: [{address: \"127.0.0.1:0\", forward: open, protocols: [hbonec]}]\n",
                "policy: {default: deny, deny: [{name: no-mail, port: 25}], allow: [{name: local, from: 127.0.0.0/8}]}\n")) {
            String client = script("client.js");
            String port = "" + gate.address().getPort();
            Path echoed = programs.run("echo", input, "node", client, port, "127.0.0.1:" + target.port());
            assertThat(Files.readAllBytes(echoed)).isEqualTo(BODY);
            assertThat(programs.run("denied", "node", client, port, "127.0.0.1:25"))
                    .content()
                    .startsWith("401 ugate; error=http_request_denied")
                    .endsWith("true");
            assertThat(programs.run("closed", "node", client, port, "127.0.0.1:" + FreePort.next()))
                    .content()
                    .startsWith("503 ugate; error=connection_refused");
        }
    }

    @Test
    void weDialNode() throws Exception {
        int port = FreePort.next();
        programs.serve("server", port, "node", script("server.js"), "" + port);
        Path state = Files.createDirectory(folder.resolve("gate"));
        try (Running gate = Running.of(
                state,
                Running.OPEN,
                "routes: [{name: far, to: \"127.0.0.1:" + port + "\", via: [" + HboneIT.CLEAR + "]}]\n",
                Running.LOCAL)) {
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clients.add(through(gate, "127.0.0.1", target.port()));
            }
            for (Socket client : clients) {
                client.getOutputStream().write(BODY, 0, 64 << 10);
                client.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).hasSize(64 << 10);
                client.close();
            }
            assertThat(gate.metric("ugate_mesh_dialled_total"))
                    .as("three tunnels a connection")
                    .isBetween(2.0, 6.0);
            assertThatThrownBy(() -> through(gate, "denied.test", 80)).hasMessageContaining("not allowed by ruleset");
            assertThatThrownBy(() -> through(gate, "127.0.0.1", FreePort.next()))
                    .hasMessageContaining("Network unreachable");
            try (Socket told = through(gate, "told.test", 80)) {
                assertThat(told.getInputStream().readAllBytes())
                        .asString()
                        .contains("\":authority\":\"told.test:80\"", "host=told.test", "\"traceparent\":\"00-")
                        .doesNotContain(":path", ":scheme", "baggage");
            }
        }
    }

    private static Socket through(Running running, String host, int port) throws IOException {
        Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, running.address()));
        socket.setSoTimeout(30_000);
        socket.connect(InetSocketAddress.createUnresolved(host, port));
        return socket;
    }
}
