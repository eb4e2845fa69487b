package dev.ugate.config;

import dev.ugate.config.users.Users;
import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.spi.Ingress.HttpRules;
import dev.ugate.spi.Ingress.Inbound;
import dev.ugate.spi.Settings;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * One entry of {@code listeners}.
 *
 * @param protocols words of the protocols that may be detected, empty for all
 * @param trustedProxies sources that must begin with a PROXY header
 * @param duty what the listener is for
 */
public record ListenerConfig(
        ListenAddress address,
        List<String> protocols,
        Duty duty,
        Forward forward,
        Optional<Users> users,
        List<Cidr> trustedProxies,
        Targets targets,
        HttpRules http) {

    /** Where a listener stands. */
    public enum Role {
        SIDECAR,
        EGRESS,
        GATEWAY
    }

    /** How the kernel brings connections that were going elsewhere. */
    public enum Capture {
        /** {@code REDIRECT} of nftables or iptables. */
        REDIRECT
    }

    /**
     * What a listener is for.
     *
     * @param app the application that it stands before
     */
    public record Duty(Role role, Optional<Capture> capture, Optional<App> app) {
        public static final Duty GATEWAY = new Duty(Role.GATEWAY, Optional.empty(), Optional.empty());
    }

    /**
     * The application beside a sidecar.
     *
     * @param header version of the PROXY header that it is told of its clients by
     * @param names that this node serves beside its own
     */
    public record App(InetAddress address, Optional<String> header, List<String> names) {
        /** It tells the application where the client asked to go, not which address of ours that led to. */
        private static final Map<String, String> ASKED = Map.of("destination", "asked");

        public App {
            names = List.copyOf(names);
        }

        Inbound inbound(Set<String> own) {
            Set<String> all = new HashSet<>(own);
            all.addAll(names);
            List<Carrier> via = header.isEmpty()
                    ? List.of(Carrier.TCP)
                    : List.of(new Carrier("proxy-" + header.get(), ASKED), Carrier.TCP);
            return new Inbound(address, via, all);
        }
    }

    /**
     * Where a listener sends what does not say so itself.
     *
     * @param port of targets that name none
     * @param target of every connection: opaque, nothing is detected
     * @param fallback of unknown and silent clients
     * @param silent word of the protocol of silent clients, before any fallback
     */
    public record Targets(
            Optional<Integer> port, Optional<HostPort> target, Optional<HostPort> fallback, Optional<String> silent) {
        public static final Targets NONE =
                new Targets(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    public ListenerConfig {
        protocols = List.copyOf(protocols);
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** Whether anybody may ask it for any target, in the protocol of this word. */
    public boolean proxies(String protocol) {
        return address.medium() == ListenAddress.Medium.TCP
                && forward == Forward.OPEN
                && targets.target().isEmpty()
                && duty.app().isEmpty()
                && duty.capture().isEmpty()
                && (protocols.isEmpty() || protocols.contains(protocol));
    }

    /** What the protocols behind this listener are told; {@code blocking} computes password digests, {@code own} are names of this node. */
    public Ingress ingress(Settings settings, Executor blocking, Set<String> own) {
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
                http,
                new Ingress.Arrival(
                        duty.capture().isPresent(), duty.app().map(app -> app.inbound(own)), targets.silent()));
    }
}
