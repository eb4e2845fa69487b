package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import me.normanmaurer.maven.autobahntestsuite.AutobahnTestSuite;
import me.normanmaurer.maven.autobahntestsuite.FuzzingCaseResult;

/** The fuzzing client of the Autobahn test suite in a process of its own; its Jython needs the JDK opened. */
final class Fuzzing {
    private static final String RESULT = "result ";

    private Fuzzing() {}

    /** What one case came to: how the server behaved and how it closed. */
    record Outcome(String behavior, String close) {
        boolean failed() {
            return behavior.equals("FAILED")
                    || close.equals("FAILED")
                    || close.equals("UNCLEAN")
                    || close.equals("WRONG_CODE");
        }
    }

    /** Agent, URL, and patterns of cases. */
    public static void main(String[] args) {
        List<String> cases = Arrays.asList(args).subList(2, args.length);
        for (FuzzingCaseResult result :
                AutobahnTestSuite.runFuzzingClient(args[0], args[1], Map.of(), cases, List.of())) {
            System.out.println(RESULT
                    + result.caseName()
                    + ' '
                    + String.valueOf((Object) result.behavior())
                    + ' '
                    + String.valueOf((Object) result.behaviorClose()));
        }
        System.exit(0);
    }

    /** A test that is given up leaves its thread behind, which would go on waiting. */
    static void endWithThisProcess(Process process) {
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /** Runs the cases against a server on loopback. */
    static Map<String, Outcome> run(Path parent, String agent, int port, List<String> cases) throws IOException {
        Path folder = Files.createDirectories(parent.resolve(agent));
        Path log = folder.resolve("log");
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String opened : List.of("java.lang", "java.io", "java.util", "sun.nio.ch")) {
            java.command().add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
        }
        java.command()
                .addAll(List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        Fuzzing.class.getName(),
                        agent,
                        "ws://127.0.0.1:" + port));
        java.command().addAll(cases);
        Process process = java.directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        endWithThisProcess(process);
        try {
            assertThat(process.waitFor(9, TimeUnit.MINUTES)).as("autobahn ends").isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
        Map<String, Outcome> outcomes = new TreeMap<>();
        List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
        for (String line : lines) {
            String[] words = line.split(" ");
            if (line.startsWith(RESULT)) {
                outcomes.put(words[1], new Outcome(words[2], words[3]));
            }
        }
        assertThat(outcomes).as(() -> String.join("\n", lines)).isNotEmpty();
        return outcomes;
    }
}
