package dev.ugate.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Running;
import dev.ugate.testing.Authority;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** S1: the 145 cases of h2spec 2.2.0 against the gate, in the clear and over TLS. */
@Tag("interop")
@Timeout(120)
final class H2specIT {
    private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
    private static final Duration BAR = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    private Origin origin;
    private Running running;

    @BeforeEach
    void start() throws Exception {
        unpack();
        Authority authority = Authority.create();
        Authority.write(folder, "gate", authority.issue("localhost"));
        origin = new Origin();
        running = Running.of(folder, """
                listeners: [{address: "127.0.0.1:0", forward: none}]
                routes: [{name: web, match: {host: localhost}, to: "%s"}]
                tls: {certificates: [{cert: gate.pem, key: gate.key}]}
                """.formatted(origin.at()), Running.LOCAL);
    }

    @AfterEach
    void stop() throws IOException {
        if (running != null) {
            running.close();
        }
        if (origin != null) {
            origin.close();
        }
    }

    private void unpack() throws IOException, InterruptedException {
        Path archive = folder.resolve("h2spec.tar.gz");
        try (InputStream in = H2specIT.class.getResourceAsStream(ARCHIVE)) {
            Files.copy(in, archive);
        }
        Process tar = new ProcessBuilder("tar", "xzf", archive.toString(), "-C", folder.toString()).start();
        assertThat(tar.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(tar.exitValue()).isZero();
    }

    private String conforms(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                folder.resolve("h2spec").toString(),
                "-h",
                "localhost",
                "-p",
                "" + running.address().getPort(),
                "-o",
                "2"));
        command.addAll(List.of(options));
        Path out = folder.resolve("h2spec.out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        if (!process.waitFor(50, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        String said = Files.readString(out);
        // Without failures there is no such heading, only the totals.
        return said.substring(Math.max(said.indexOf("Failures:"), Math.max(0, said.length() - 300)));
    }

    private void all(String... options) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        String said = conforms(options);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(said).contains("145 tests, 145 passed, 0 skipped, 0 failed");
        // A case that waits for an answer which never comes passes late.
        assertThat(took).isLessThan(BAR);
    }

    @Test
    void conformsInTheClear() throws Exception {
        all();
    }

    @Test
    void conformsOverTls() throws Exception {
        all("-t", "-k");
    }
}
