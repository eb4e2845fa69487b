package dev.ugate.protocols.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Carrier;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity.End;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Members;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenSSL as a member of the mesh, at either end; Debian's has no ML-KEM, so that X25519 is agreed on. */
@Tag("interop")
@Timeout(60)
final class MeshOpensslIT {
    private static final String WEB = "spiffe://mesh.test/ns/a/sa/web";
    private static final String DB = "spiffe://mesh.test/ns/a/sa/db";
    private static final Pattern BOUND = Pattern.compile("ACCEPT \\S+:(\\d+)");
    private static final Members MESH = new Members();

    @TempDir
    Path folder;

    private MeshGate gate;
    private int port;

    @BeforeEach
    void listen() throws IOException {
        Peers.require("openssl");
        MESH.authority.writeRoot(folder);
        Authority.write(folder, "web", MESH.authority.issue(WEB));
        gate = new MeshGate(MESH, MESH.issue(DB));
        port = gate.listen(Optional.of(new HostPort("127.0.0.1", echo())));
    }

    @AfterEach
    void close() {
        if (gate != null) {
            gate.close();
        }
    }

    @Test
    void clientIsAMemberAndNothingCanBeResumed() throws Exception {
        try (Program client = client("-alpn", "ugate", "-cert", path("web.pem"), "-key", path("web.key"))) {
            client.says("hello").hears("hello");
            assertThat(client.output())
                    .contains("Verify return code: 0 (ok)", "TLSv1.3", "X25519", "ALPN protocol: ugate")
                    .contains("No client certificate CA names sent")
                    .doesNotContain("Session Ticket arrived");
            assertThat(gate.proofs.count(End.CLIENT)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-alpn h2, certificate required",
        "-alpn h2 -tls1_2 -cert web.pem -key web.key, protocol version",
        "-alpn h2 -groups P-521 -cert web.pem -key web.key, handshake failure"
    })
    void refusedClientsAreToldWhy(String options, String alert) throws Exception {
        try (Program client = client(options.replace("web.", path("web.")).split(" "))) {
            assertThat(client.process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.output()).contains(alert);
        }
        await().until(() -> !gate.waist.notes.failed().isEmpty());
    }

    @Test
    void serverTakesOurCertificate() throws Exception {
        try (Program server = new Program(
                "s_server",
                "-accept",
                "127.0.0.1:0",
                "-naccept",
                "1",
                "-rev",
                "-alpn",
                "ugate",
                "-Verify",
                "2",
                "-verify_return_error",
                "-CAfile",
                path("ca.pem"),
                "-cert",
                path("web.pem"),
                "-key",
                path("web.key"))) {
            await().until(() -> BOUND.matcher(server.output()).find());
            Matcher bound = BOUND.matcher(server.output());
            assertThat(bound.find()).isTrue();
            gate.way(Integer.parseInt(bound.group(1)), WEB, List.of(Carrier.MESH_TLS, Carrier.TCP));
            try (Socket socket = MeshGate.socks(gate.listen(Optional.empty()), "web.m")) {
                socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().readNBytes(6)).asString().isEqualTo("olleh\n");
            }
        }
    }

    private String path(String file) {
        return folder.resolve(file).toString();
    }

    private Program client(String... options) throws IOException {
        List<String> words = new ArrayList<>(
                List.of("s_client", "-connect", "127.0.0.1:" + port, "-noservername", "-CAfile", path("ca.pem")));
        words.addAll(List.of(options));
        return new Program(words.toArray(String[]::new));
    }

    private static int echo() throws IOException {
        ServerSocket server = new ServerSocket(0);
        Thread thread = new Thread(() -> {
            try (server;
                    Socket socket = server.accept()) {
                socket.getInputStream().transferTo(socket.getOutputStream());
            } catch (IOException over) {
                // The test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }

    /** One openssl at work. */
    private final class Program implements AutoCloseable {
        private final Process process;
        private final Path output = Files.createTempFile(folder, "openssl", ".log");

        Program(String... words) throws IOException {
            List<String> all = new ArrayList<>(List.of(Peers.program("openssl").toString()));
            all.addAll(List.of(words));
            process = new ProcessBuilder(all)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        }

        Program says(String line) throws IOException {
            await().until(() -> output().contains("---\n") || !process.isAlive());
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            return this;
        }

        void hears(String text) {
            await().until(() -> output().contains(text) || !process.isAlive());
            assertThat(output()).contains(text);
        }

        String output() {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            process.waitFor(5, TimeUnit.SECONDS);
        }
    }
}
