package dev.ugate.cli;

import dev.ugate.app.Instance;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Tells what the instance is, listens on and holds. */
@Command(name = "status", description = "tells what the instance is, listens on and holds", mixinStandardHelpOptions = true)
final class Status implements Callable<Integer> {
    @Mixin
    Common common = new Common();

    @Override
    public Integer call() throws IOException {
        Map<String, String> parameters = new HashMap<>();
        parameters.put("form", common.json() ? "json" : "text");
        try (Instance instance = common.instance()) {
            Instance.Response answer = instance.ask("GET", "/status", parameters);
            System.out.print(answer.body());
            return answer.status() == 200 ? Main.OK : Main.REFUSED;
        }
    }
}
