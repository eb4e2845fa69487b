package dev.ugate.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells what the instance is, listens on and holds. */
@Command(
        name = "status",
        description = "tells what the instance is, listens on and holds",
        mixinStandardHelpOptions = true)
final class Status implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Override
    public Integer call() throws IOException {
        return common.print("/status", Map.of());
    }
}
