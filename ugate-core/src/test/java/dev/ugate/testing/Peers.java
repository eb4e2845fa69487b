package dev.ugate.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** Third-party programs that tests tagged {@code interop} talk to, and by their absolute path the files that those need. */
public final class Peers {

    private final String path;
    private final boolean ci;

    Peers(Map<String, String> environment) {
        this.path =
                environment.getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/sbin";
        this.ci = environment.containsKey("CI");
    }

    /**
     * Goes on only when every program is installed: a missing one is a visible skip on a laptop and a failure where the
     * environment has {@code CI}.
     */
    public static void require(String... programs) {
        new Peers(System.getenv()).demand(programs);
    }

    /** Where {@code program} is; the caller required it before. */
    public static Path program(String program) {
        return new Peers(System.getenv())
                .find(program)
                .findFirst()
                .orElseThrow(() -> new AssertionError("peer " + program + ": not installed"));
    }

    void demand(String... programs) {
        String missing = String.join(
                " ",
                Arrays.stream(programs).filter(p -> find(p).findAny().isEmpty()).toList());
        if (missing.isEmpty()) {
            return;
        }
        String message = "peer " + missing + ": not installed: expected on PATH (./check as root installs it)";
        if (ci) {
            throw new AssertionError(message);
        }
        throw new TestAbortedException(message);
    }

    private Stream<Path> find(String program) {
        if (program.startsWith("/")) {
            return Stream.of(Path.of(program)).filter(Files::exists);
        }
        return Arrays.stream(path.split(File.pathSeparator))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable);
    }
}
