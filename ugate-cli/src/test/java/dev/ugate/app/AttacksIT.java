package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * S3: every script of {@code src/test/vtc} attacks one running instance. A script is named for its row of the threat model, hears the
 * refusal as the client, is the upstream that nothing of the attack reaches, and ends with a good request that passes.
 */
@Tag("interop")
@Timeout(180)
final class AttacksIT {
    private static final Path SCRIPTS = Path.of("src/test/vtc");
    private static final long SECONDS = 30;

    /** The rows of HTTP in the threat model. */
    private static final int FIRST_ROW = 32;

    private static final int LAST_ROW = 60;

    @TempDir
    Path folder;

    private record Outcome(boolean passed, long millis, String complaint) {
        boolean shed() {
            return complaint.contains("resp.status (503)");
        }

        @Override
        public String toString() {
            return (passed ? "passed" : "FAILED") + " in " + millis + "ms"
                    + (complaint.isEmpty() ? "" : ": " + complaint);
        }
    }

    @Test
    void nothingOfAnAttackReachesTheUpstream() throws Exception {
        Peers.require("varnishtest");
        Map<String, Outcome> outcomes = new TreeMap<>();
        try (Running running = Running.of(folder, Running.OPEN, Running.LOCAL, "timeouts: {requestHead: 1s}\n")) {
            InetSocketAddress gate = running.address();
            for (Path script : scripts()) {
                Outcome first = attack(script, gate.getPort());
                // A machine that is busy with other tests may make the instance shed load: the control is then refused.
                outcomes.put(script.getFileName().toString(), first.shed() ? attack(script, gate.getPort()) : first);
            }
        }
        StringBuilder table = new StringBuilder("attacks:\n");
        outcomes.forEach((name, outcome) -> table.append(String.format("  %-36s %s%n", name, outcome)));
        Files.writeString(Path.of("target/attacks.txt"), table);
        System.out.print(table);
        assertThat(outcomes.values()).as(table.toString()).allMatch(Outcome::passed);
    }

    @Test
    void everyRowHasItsScript() throws IOException {
        String table = Files.readString(SCRIPTS.resolve("README.md"));
        List<Path> scripts = scripts();
        for (int row = FIRST_ROW; row <= LAST_ROW; row++) {
            String start = "t" + row + "-";
            assertThat(scripts)
                    .anyMatch(script -> script.getFileName().toString().startsWith(start));
        }
        assertThat(scripts)
                .allSatisfy(script -> assertThat(table)
                        .contains("`" + SCRIPTS.relativize(script).toString().replace(".vtc", "") + "`"));
    }

    private static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.walk(SCRIPTS)) {
            return files.filter(file -> file.toString().endsWith(".vtc"))
                    .sorted()
                    .toList();
        }
    }

    private Outcome attack(Path script, int port) throws IOException, InterruptedException {
        Path heard = folder.resolve(script.getFileName() + ".log");
        long begun = System.nanoTime();
        Process process = new ProcessBuilder(
                        Peers.program("varnishtest").toString(),
                        "-t",
                        Long.toString(SECONDS),
                        "-Dugate=127.0.0.1:" + port,
                        script.toAbsolutePath().toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(heard.toFile())
                .start();
        boolean ended = process.waitFor(SECONDS + 10, TimeUnit.SECONDS);
        process.destroyForcibly();
        long millis = (System.nanoTime() - begun) / 1_000_000;
        return ended && process.exitValue() == 0
                ? new Outcome(true, millis, "")
                : new Outcome(false, millis, complaint(heard));
    }

    /** What varnishtest marks as its reasons to give up. */
    private static String complaint(Path heard) throws IOException {
        try (Stream<String> lines = Files.lines(heard, java.nio.charset.StandardCharsets.ISO_8859_1)) {
            return String.join(
                    " | ", lines.filter(line -> line.startsWith("----")).toList());
        }
    }
}
