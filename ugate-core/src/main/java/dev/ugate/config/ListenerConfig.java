package dev.ugate.config;

import dev.ugate.config.users.Users;
import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.spi.Ingress.HttpRules;
import dev.ugate.spi.Settings;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * One entry of {@code listeners}.
 *
 * @param protocols words of the protocols that may be detected, empty for all
 * @param trustedProxies sources that must begin with a PROXY header
 */
public record ListenerConfig(
        ListenAddress address,
        List<String> protocols,
        Role role,
        Forward forward,
        Optional<Users> users,
        List<Cidr> trustedProxies,
        Targets targets,
        HttpRules http) {

    /** What a listener is for. */
    public enum Role {
        SIDECAR,
        EGRESS,
        GATEWAY
    }

    /**
     * Where a listener sends what does not say so itself.
     *
     * @param port of targets that name none
     * @param target of every connection: opaque, nothing is detected
     * @param fallback of unknown and silent clients
     */
    public record Targets(Optional<Integer> port, Optional<HostPort> target, Optional<HostPort> fallback) {
        public static final Targets NONE = new Targets(Optional.empty(), Optional.empty(), Optional.empty());
    }

    public ListenerConfig {
        protocols = List.copyOf(protocols);
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** What the protocols behind this listener are told; {@code blocking} computes password digests. */
    public Ingress ingress(Settings settings, Executor blocking) {
        Credentials credentials = users.isPresent() ? users.get().on(blocking) : Credentials.NONE;
        return new Ingress(
                address.toString(),
                forward,
                protocols,
                targets.port(),
                credentials,
                trustedProxies,
                targets.target(),
                targets.fallback(),
                settings,
                http);
    }
}
