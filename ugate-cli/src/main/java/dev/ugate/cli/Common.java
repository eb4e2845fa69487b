package dev.ugate.cli;

import dev.ugate.app.Instance;
import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The options of every command: which configuration, which state directory, which form of output. They stand before the command's name
 * or behind it, where the latter counts.
 */
final class Common {
    /** How a read command prints. */
    enum Output {
        TEXT,
        JSON
    }

    private static final int FOUND = 200;

    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec command;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "default: $UGATE_CONFIG, ./ugate.yaml, /etc/ugate/ugate.yaml, embedded")
    @Nullable
    Path config;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "default: $XDG_STATE_HOME/ugate, as root /var/lib/ugate")
    @Nullable
    Path state;

    @Option(names = "-o", paramLabel = "FORM", description = "text or json; default: text")
    @Nullable
    Output output;

    private <T> @Nullable T said(Function<Common, @Nullable T> option) {
        T here = option.apply(this);
        CommandSpec parent = command == null ? null : command.parent();
        return here == null && parent != null && parent.userObject() instanceof Main main
                ? option.apply(main.common)
                : here;
    }

    boolean json() {
        return said(common -> common.output) == Output.JSON;
    }

    /** Asks the instance and prints its answer; OK for status 200, else REFUSED. */
    int print(String path, Map<String, String> parameters) throws IOException {
        Map<String, String> all = new TreeMap<>(parameters);
        all.put("form", json() ? "json" : "text");
        try (Instance instance = instance()) {
            Instance.Response answer = instance.ask("GET", path, all);
            System.out.print(answer.body());
            return answer.status() == FOUND ? Main.OK : Main.REFUSED;
        }
    }

    /** The configuration file in use, empty for the embedded default. */
    Optional<Path> file() {
        Path said = said(common -> common.config);
        if (said != null) {
            return Optional.of(said);
        }
        String named = System.getenv("UGATE_CONFIG");
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named));
        }
        return List.of(Path.of("ugate.yaml"), Path.of("/etc/ugate/ugate.yaml")).stream()
                .filter(Files::isReadable)
                .findFirst();
    }

    /** Reads the configuration; throws {@link dev.ugate.config.ConfigProblems}. */
    Config read() {
        return file().map(ConfigFile::read).orElseGet(ConfigFile::embedded);
    }

    Path stateDirectory() {
        Path said = said(common -> common.state);
        if (said != null) {
            return said;
        }
        String xdg = System.getenv("XDG_STATE_HOME");
        if (xdg != null && !xdg.isEmpty()) {
            return Path.of(xdg, "ugate");
        }
        return "root".equals(System.getProperty("user.name"))
                ? Path.of("/var/lib/ugate")
                : Path.of(System.getProperty("user.home"), ".local", "state", "ugate");
    }

    /** The instance of the state directory, or one made in this process from the file that listens on nothing; says which. */
    Instance instance() throws IOException {
        Optional<AdminSocket> running = AdminSocket.of(stateDirectory());
        if (running.isPresent()) {
            return running.get();
        }
        System.err.println("ugate: no instance answers at " + stateDirectory() + ": asking "
                + file().map(Path::toString).orElse("the embedded configuration"));
        return new InProcess(read());
    }
}
