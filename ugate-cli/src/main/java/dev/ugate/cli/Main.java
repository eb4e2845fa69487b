package dev.ugate.cli;

import dev.ugate.cli.ca.Ca;
import dev.ugate.config.ConfigProblems;
import dev.ugate.model.Refused;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code ugate}. Exit codes: 0 ok, 1 refused or unhealthy, 2 usage or configuration, 70 bug. */
@Command(
        name = "ugate",
        description = "A userspace mesh proxy: one port, every protocol.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            Run.class,
            Check.class,
            ExplainTarget.class,
            Resolve.class,
            Dial.class,
            Streams.class,
            Status.class,
            Exec.class,
            Id.class,
            Ca.class,
            Version.class,
            AutoComplete.GenerateCompletion.class
        })
public final class Main {
    static final int OK = 0;
    static final int REFUSED = 1;
    static final int USAGE = 2;
    static final int BUG = 70;

    @Mixin
    Common common = new Common();

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command with its error handling, for tests to execute. */
    static CommandLine commandLine() {
        return new CommandLine(Main.class, new Factory())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExitCodeExceptionMapper(Main::exitCode)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    if (exitCode(failure) == BUG) {
                        failure.printStackTrace(line.getErr());
                    } else {
                        line.getErr().println("ugate: " + failure.getMessage());
                    }
                    return exitCode(failure);
                });
    }

    private static int exitCode(Throwable failure) {
        if (failure instanceof ConfigProblems || failure instanceof CommandLine.ParameterException) {
            return USAGE;
        }
        return failure instanceof Refused || failure instanceof java.io.IOException ? REFUSED : BUG;
    }

    /** Makes the commands; their constructors take nothing. */
    private static final class Factory implements CommandLine.IFactory {
        private final CommandLine.IFactory standard = CommandLine.defaultFactory();

        @Override
        public <K> K create(Class<K> type) throws Exception {
            return type == Main.class ? type.cast(new Main()) : standard.create(type);
        }
    }
}
