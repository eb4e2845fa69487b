package dev.ugate.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tells which source knows a name, for how long, and its endpoints. */
@Command(
        name = "resolve",
        description = "tells which source knows a name, for how long, and its endpoints",
        mixinStandardHelpOptions = true)
final class Resolve implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Parameters(paramLabel = "NAME", description = "a name, or name:port")
    String name = "";

    @Override
    public Integer call() throws IOException {
        return common.print("/resolve", Map.of("name", name));
    }
}
