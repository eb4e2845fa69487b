package dev.ugate.cli;

import dev.ugate.app.Instance;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tells which source knows a name, for how long, and its endpoints. */
@Command(name = "resolve", description = "tells which source knows a name, for how long, and its endpoints", mixinStandardHelpOptions = true)
final class Resolve implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Parameters(paramLabel = "NAME", description = "a name, or name:port")
    String name = "";

    @Override
    public Integer call() throws IOException {
        Map<String, String> parameters = new HashMap<>();
        parameters.put("form", common.json() ? "json" : "text");
        parameters.put("name", name);
        try (Instance instance = common.instance()) {
            Instance.Response answer = instance.ask("GET", "/resolve", parameters);
            System.out.print(answer.body());
            return answer.status() == 200 ? Main.OK : Main.REFUSED;
        }
    }
}
