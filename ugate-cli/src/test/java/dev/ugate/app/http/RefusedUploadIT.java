package dev.ugate.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Programs;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.Peers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An upstream that refuses an upload early and closes, with most of the body unread: its connection is reset, its answer is not lost. */
@Tag("interop")
@Timeout(60)
final class RefusedUploadIT {
    private static final int TRIES = 10;
    private static final String WORDS = "too large".repeat(4_000);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2-prior-knowledge"})
    void itsAnswerReachesTheClient(String version) throws Exception {
        Peers.require("curl");
        Path body = Files.write(folder.resolve("upload"), new byte[8 << 20]);
        try (Upstream upstream = Upstream.of(socket -> {
                    Upstream.head(socket.getInputStream());
                    String head = "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: "
                            + WORDS.length() + "\r\n\r\n";
                    socket.getOutputStream().write((head + WORDS).getBytes(StandardCharsets.US_ASCII));
                });
                Running ugate = Running.of(folder, """
                        listeners: [{address: "127.0.0.1:0", forward: none}]
                        routes: [{name: web, match: {host: "127.0.0.1"}, to: "%s"}]
                        """.formatted(upstream.at()), Running.LOCAL);
                Programs programs = new Programs(folder)) {
            String url = "http://127.0.0.1:" + ugate.address().getPort() + "/";
            for (int i = 0; i < TRIES; i++) {
                Path got = folder.resolve("answer" + i);
                Process curl = programs.start(
                        "curl" + i,
                        "curl",
                        version,
                        "-sS",
                        "-o",
                        got.toString(),
                        "-w",
                        "%{http_code}",
                        "-T",
                        body.toString(),
                        url);
                String status = new String(curl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertThat(status).isEqualTo("413");
                assertThat(got).hasSize(WORDS.length());
            }
        }
    }
}
