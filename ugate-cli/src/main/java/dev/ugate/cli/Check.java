package dev.ugate.cli;

import dev.ugate.app.log.JsonText;
import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.config.ConfigProblems;
import dev.ugate.config.yaml.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Reads configuration files and prints every problem at once. */
@Command(
        name = "check",
        description = "checks configuration files: all problems at once",
        mixinStandardHelpOptions = true)
final class Check implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Option(names = "--effective", description = "prints every key with its value")
    boolean effective;

    @Parameters(paramLabel = "FILE", arity = "0..*")
    List<Path> files = List.of();

    @Override
    public Integer call() {
        if (files.isEmpty()) {
            return check(common.file().map(Path::toString).orElse("embedded"), common::read);
        }
        int code = Main.OK;
        for (Path file : files) {
            code = Math.max(code, check(file.toString(), () -> ConfigFile.read(file)));
        }
        return code;
    }

    private int check(String name, Supplier<Config> source) {
        try {
            good(name, source.get());
            return Main.OK;
        } catch (ConfigProblems problems) {
            bad(name, problems);
            return Main.USAGE;
        }
    }

    private void good(String name, Config config) {
        if (effective) {
            System.out.print(config.shown());
        } else if (common.json()) {
            JsonText json = new JsonText(new StringBuilder())
                    .begin()
                    .field("file", name)
                    .field("ok", true);
            System.out.println(json.array("problems").endArray().end());
        } else {
            System.out.println(name + ": ok: " + counted(config.listeners().size(), "listener") + ", "
                    + counted(config.routes().size(), "route"));
        }
    }

    private static String counted(int many, String noun) {
        return many + " " + noun + (many == 1 ? "" : "s");
    }

    private void bad(String name, ConfigProblems problems) {
        if (!common.json()) {
            System.err.println(problems.getMessage());
            return;
        }
        JsonText json = new JsonText(new StringBuilder())
                .begin()
                .field("file", name)
                .field("ok", false)
                .array("problems");
        for (Problem problem : problems.list()) {
            json.begin()
                    .field("file", problem.file())
                    .field("line", problem.line())
                    .field("col", problem.col())
                    .field("path", problem.path())
                    .field("text", problem.text())
                    .end();
        }
        System.out.println(json.endArray().end());
    }
}
