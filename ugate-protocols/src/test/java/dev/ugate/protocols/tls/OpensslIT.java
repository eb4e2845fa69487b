package dev.ugate.protocols.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.HostPort;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Loops;
import dev.ugate.net.tls.PemCertificates;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Peers;
import dev.ugate.testing.Waist;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenSSL's client talks to a terminated connection. */
@Tag("interop")
@Timeout(60)
final class OpensslIT {
    private static final Authority AUTHORITY = Authority.create();

    @TempDir
    Path folder;

    private Waist waist;
    private int port;

    @BeforeEach
    void listen() throws IOException {
        Peers.require("openssl");
        AUTHORITY.writeRoot(folder);
        Path cert = Authority.write(folder, "web", AUTHORITY.issue("web.test"));
        var files = new PemCertificates.Files(cert, folder.resolve("web.key"), ClientAuth.NONE, Optional.empty());
        Tls tls = new Tls(PemCertificates.load(List.of(files), List.of()));
        waist = new Waist(Loops.Backend.EPOLL, Timeouts.STANDARD, List.of(tls), 100);
        var listener = waist.listen(Optional.empty(), Optional.of(new HostPort("127.0.0.1", echo())));
        port = ((InetSocketAddress) listener.address()).getPort();
    }

    @AfterEach
    void close() {
        if (waist != null) {
            waist.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void verifiesUsAndCarriesData(String version) throws Exception {
        try (Client client = new Client(version, "-verify_return_error")) {
            client.says("hello").hears("hello");
            assertThat(client.output()).contains("Verify return code: 0 (ok)");
        }
    }

    @Test
    void carriesDataOverAKeyUpdateOfBothSides() throws Exception {
        try (Client client = new Client("-tls1_3")) {
            client.says("before").hears("before");
            // A command of s_client: update our keys and ask for theirs (RFC 8446 §4.6.3).
            client.says("K").hears("KEYUPDATE");
            client.says("between").hears("between");
            client.says("K").says("after").hears("after");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-tls1_1 -cipher DEFAULT@SECLEVEL=0",
                "-tls1 -cipher DEFAULT@SECLEVEL=0",
                "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA",
                "-tls1_2 -cipher AES128-GCM-SHA256",
                "-tls1_3 -groups P-521"
            })
    void t30RefusesOldVersionsAndWeakCiphers(String options) throws Exception {
        try (Client client = new Client(options.split(" "))) {
            assertThat(client.process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(client.output()).contains("alert").contains("Cipher is (NONE)");
        }
        await().until(() -> !waist.notes.failed().isEmpty());
    }

    /** Takes connections one after the other until the test is over. */
    private static int echo() throws IOException {
        ServerSocket server = new ServerSocket(0);
        Thread thread = new Thread(() -> {
            try (server) {
                while (true) {
                    try (var socket = server.accept()) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    }
                }
            } catch (IOException over) {
                // The test is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server.getLocalPort();
    }

    /** One s_client; what is said is a read of its own, because its commands are. */
    private final class Client implements AutoCloseable {
        private final Process process;
        private final Path output = Files.createTempFile(folder, "s_client", ".log");
        private int heard;

        Client(String... options) throws IOException {
            List<String> words = new ArrayList<>(List.of(
                    Peers.program("openssl").toString(),
                    "s_client",
                    "-connect",
                    "127.0.0.1:" + port,
                    "-servername",
                    "web.test",
                    "-CAfile",
                    folder.resolve("ca.pem").toString()));
            words.addAll(List.of(options));
            process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        }

        Client says(String line) throws IOException {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            if (line.equals("K")) {
                hears("KEYUPDATE");
            }
            return this;
        }

        Client hears(String text) {
            await().until(() -> output().indexOf(text, heard) >= 0 || !process.isAlive());
            assertThat(output().substring(Math.min(heard, output().length()))).contains(text);
            if (!text.equals("KEYUPDATE")) {
                heard = output().indexOf(text, heard) + text.length();
            }
            return this;
        }

        String output() {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            process.waitFor(5, TimeUnit.SECONDS);
        }
    }
}
