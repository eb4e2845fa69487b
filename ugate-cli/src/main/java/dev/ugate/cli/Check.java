package dev.ugate.cli;

import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.config.ConfigProblems;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads configuration files and prints every problem at once. */
@Command(name = "check", description = "checks configuration files: all problems at once", mixinStandardHelpOptions = true)
final class Check implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Option(names = "--effective", description = "prints every key with its value")
    boolean effective;

    @Parameters(paramLabel = "FILE", arity = "0..*")
    List<Path> files = List.of();

    @Override
    public Integer call() {
        int code = Main.OK;
        for (Path file : files) {
            try {
                good(file.toString(), ConfigFile.read(file));
            } catch (ConfigProblems problems) {
                System.err.println(problems.getMessage());
                code = Main.USAGE;
            }
        }
        if (files.isEmpty()) {
            good(common.file().map(Path::toString).orElse("embedded"), common.read());
        }
        return code;
    }

    private void good(String name, Config config) {
        if (effective) {
            System.out.print(config.shown());
        } else {
            System.out.println(name + ": ok: " + config.listeners().size() + " listeners, " + config.routes().size() + " routes");
        }
    }
}
