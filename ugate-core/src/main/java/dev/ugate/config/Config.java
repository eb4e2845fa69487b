package dev.ugate.config;

import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.config.ssh.SshConfig;
import dev.ugate.model.Limits;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.policy.Rules;
import java.util.List;

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
    public Config {
        listeners = List.copyOf(listeners);
        routes = List.copyOf(routes);
        certificates = List.copyOf(certificates);
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
