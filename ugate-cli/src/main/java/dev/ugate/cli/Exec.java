package dev.ugate.cli;

import dev.ugate.app.Ugate;
import dev.ugate.config.ListenAddress;
import dev.ugate.config.ListenerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
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
    @Mixin
    Common common = new Common();

    @Parameters(paramLabel = "CMD", arity = "1..*", description = "after --: the command and its arguments")
    List<String> command = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (AdminSocket.of(common.stateDirectory()).isPresent()) {
            return run(running());
        }
        try (Ugate ugate = Ugate.builder().listen("127.0.0.1:0").quiet().start()) {
            return run(ugate.address());
        }
    }

    /** The first TCP listener of the running instance on which it is a forward proxy for local clients. */
    private InetSocketAddress running() {
        return common.read().listeners().stream()
                .filter(l -> l.address().medium() == ListenAddress.Medium.TCP)
                .map(ListenerConfig::address)
                .map(a -> (InetSocketAddress) a.socket())
                .findFirst()
                .orElseThrow(() -> new UsageProblem("exec: the running instance has no TCP listener"));
    }

    private int run(InetSocketAddress proxy) throws IOException, InterruptedException {
        String at = Optional.of(proxy.getAddress())
                        .filter(a -> !a.isAnyLocalAddress())
                        .map(a -> a.getHostAddress())
                        .orElse("127.0.0.1")
                + ":" + proxy.getPort();
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
