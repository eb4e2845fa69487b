package dev.ugate.cli;

import dev.ugate.app.Instance;
import dev.ugate.app.Ugate;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Runs a command with the proxy variables set and exits with its code; starts a gateway for it where none runs. */
@Command(name = "exec", description = "runs a command through the proxy", mixinStandardHelpOptions = true)
final class Exec implements Callable<Integer> {
    private static final int FOUND = 200;

    @Mixin
    Common common = new Common();

    @Parameters(paramLabel = "CMD", arity = "1..*", description = "after --: the command and its arguments")
    List<String> command = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<AdminSocket> running = AdminSocket.of(common.stateDirectory());
        if (running.isPresent()) {
            Instance.Response proxy = running.get().ask("GET", "/proxy", Map.of());
            if (proxy.status() != FOUND) {
                throw new IOException("exec: " + proxy.body().strip());
            }
            return run(proxy.body().strip());
        }
        try (Ugate ugate = Ugate.builder()
                .config(common.read())
                .listen("127.0.0.1:0")
                .quiet()
                .start()) {
            return run("127.0.0.1:" + ugate.address().getPort());
        }
    }

    private int run(String at) throws IOException, InterruptedException {
        Map<String, String> variables = Map.of(
                "ALL_PROXY", "socks5h://" + at,
                "HTTP_PROXY", "http://" + at,
                "HTTPS_PROXY", "http://" + at,
                "NO_PROXY", "");
        ProcessBuilder child = new ProcessBuilder(command).inheritIO();
        variables.forEach((name, value) -> {
            child.environment().put(name, value);
            child.environment().put(name.toLowerCase(Locale.ROOT), value);
        });
        return child.start().waitFor();
    }
}
