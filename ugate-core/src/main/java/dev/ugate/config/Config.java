package dev.ugate.config;

import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.config.ssh.SshConfig;
import dev.ugate.model.Limits;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.policy.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A whole configuration with every default filled in; read by {@link ConfigFile}. */
public record Config(
        List<ListenerConfig> listeners,
        List<Route> routes,
        Rules policy,
        DiscoveryConfig discovery,
        MeshConfig mesh,
        SshConfig ssh,
        List<CertificateFiles> certificates,
        Timeouts timeouts,
        Limits limits,
        ProcessConfig process) {
    /** Limits on connections that come in, and the buffers of those that are dialled. */
    private static final Map<String, Function<Limits, Object>> READ_ONCE = Map.of(
            "connections", Limits::connections,
            "fdReserve", Limits::fdReserve,
            "connectionsPerSource", Limits::connectionsPerSource,
            "handshakes", Limits::handshakes,
            "handshakesPerSource", Limits::handshakesPerSource,
            "acceptRate", Limits::acceptRate,
            "backlog", Limits::backlog,
            "relayBuffer", Limits::relayBuffer);

    public Config {
        listeners = List.copyOf(listeners);
        routes = List.copyOf(routes);
        certificates = List.copyOf(certificates);
    }

    /** What this says that a process which {@code started} with another configuration takes up only when it starts again. */
    public List<String> untilRestart(Config started) {
        List<String> waiting = new ArrayList<>();
        if (!process.withLevelOf(started.process).equals(started.process)) {
            waiting.add("loops, admin or log");
        }
        READ_ONCE.entrySet().stream()
                .filter(key ->
                        !key.getValue().apply(limits).equals(key.getValue().apply(started.limits)))
                .map(key -> "limits." + key.getKey())
                .sorted()
                .forEach(waiting::add);
        return waiting;
    }

    /** YAML of every key that has a value; reads back to an equal configuration. Passwords of upstream proxies are in it. */
    public String effective() {
        return new Effective("").yaml(this);
    }

    /** The same with {@code ***} for passwords: to be shown. */
    public String shown() {
        return new Effective("***").yaml(this);
    }
}
