package dev.ugate.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the live streams of the running instance. */
@Command(name = "streams", description = "lists the live streams", mixinStandardHelpOptions = true)
final class Streams implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Override
    public Integer call() throws IOException {
        return common.print("/streams", Map.of());
    }
}
