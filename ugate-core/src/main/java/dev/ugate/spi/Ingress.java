package dev.ugate.spi;

import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a listener tells the protocols that serve its connections. Immutable.
 *
 * @param name the listener's address as configured, for logs and metrics
 * @param forward which targets without a route are carried
 * @param protocols words of the protocols that may be detected, empty for all
 * @param port the port of targets that name none
 * @param users who may authenticate, for {@link Forward#AUTHENTICATED}
 * @param trustedProxies sources that must begin with a PROXY header
 * @param target opaque: dial this at accept, detect nothing
 * @param settings deadlines, limits and the journal
 * @param fallback where unknown and silent clients go
 * @param http what becomes of HTTP requests beyond carrying them
 * @param arrival how connections come, and what of them is for this node itself
 */
public record Ingress(
        String name,
        Forward forward,
        List<String> protocols,
        Optional<Integer> port,
        Credentials users,
        List<Cidr> trustedProxies,
        Optional<HostPort> target,
        Optional<HostPort> fallback,
        Settings settings,
        HttpRules http,
        Arrival arrival) {

    public Ingress(
            String name,
            Forward forward,
            List<String> protocols,
            Optional<Integer> port,
            Credentials users,
            List<Cidr> trustedProxies,
            Optional<HostPort> target,
            Optional<HostPort> fallback,
            Settings settings) {
        this(
                name,
                forward,
                protocols,
                port,
                users,
                trustedProxies,
                target,
                fallback,
                settings,
                HttpRules.STANDARD,
                Arrival.DIRECT);
    }

    /**
     * How connections come.
     *
     * @param captured whether the kernel brought them here, so that each has a destination of its own
     * @param inbound where streams end that are meant for this node; without it, every target is elsewhere
     * @param silent word of the protocol of clients that wait for the server to begin
     */
    public record Arrival(boolean captured, Optional<Inbound> inbound, Optional<String> silent) {
        /** Somebody dialled us. */
        public static final Arrival DIRECT = new Arrival(false, Optional.empty());

        public Arrival(boolean captured, Optional<Inbound> inbound) {
            this(captured, inbound, Optional.empty());
        }
    }

    /**
     * The application behind this node.
     *
     * @param app its address; the port is that of the stream's target
     * @param via carriers to it, the innermost first
     * @param names what streams may ask for beside the address they reached, in lower case; names and literals
     */
    public record Inbound(InetAddress app, List<Carrier> via, Set<String> names) {
        public Inbound {
            via = List.copyOf(via);
            names = Set.copyOf(names);
        }

        /** Whether the target of the intent is this node. */
        public boolean isFor(Intent intent) {
            return names.contains(intent.target().host())
                    || intent.peer().local() instanceof InetSocketAddress local
                            && !local.isUnresolved()
                            && intent.target().literal().equals(Optional.of(local.getAddress()));
        }
    }

    /**
     * What a listener does with requests beyond carrying them.
     *
     * @param forwarded how an upstream is told where a request came from
     * @param trace what becomes of the trace that a request belongs to
     * @param encodedSlash whether {@code %2F} may stand in the path of a request in origin-form (T43)
     * @param trusted proxies whose word about a request's origin counts, beside those that begin with a PROXY header
     * @param webSocket where connections are taken that come in the messages of a WebSocket
     */
    public record HttpRules(
            Forwarded forwarded,
            Trace trace,
            EncodedSlash encodedSlash,
            List<Cidr> trusted,
            Optional<WebSocket> webSocket) {
        /** The fields that tell an upstream who asked, and how; written for requests in origin-form only. */
        public enum Forwarded {
            /** {@code X-Forwarded-For}, {@code -Host}, {@code -Port}, {@code -Proto} and {@code X-Real-IP}. */
            X_FORWARDED,
            /** {@code Forwarded} (RFC 7239). */
            RFC7239,
            BOTH,
            NONE
        }

        /** The fields {@code traceparent} and {@code tracestate} (W3C Trace Context). */
        public enum Trace {
            /** Goes on when it is well-formed. */
            PROPAGATE,
            /** The same, and begins here where there is none. */
            START,
            DROP
        }

        /** What becomes of a slash that servers may or may not take for one. */
        public enum EncodedSlash {
            REJECT,
            KEEP
        }

        public static final HttpRules STANDARD =
                new HttpRules(Forwarded.X_FORWARDED, Trace.PROPAGATE, EncodedSlash.REJECT, List.of(), Optional.empty());

        public HttpRules(Forwarded forwarded, Trace trace, EncodedSlash encodedSlash, List<Cidr> trusted) {
            this(forwarded, trace, encodedSlash, trusted, Optional.empty());
        }

        public HttpRules {
            trusted = List.copyOf(trusted);
        }
    }

    /**
     * A carrier of connections.
     *
     * @param path that a WebSocket asks for
     * @param origins whose pages may ask (T90): {@code *} for all, empty for those of the same host
     */
    public record WebSocket(String path, List<String> origins) {
        /** Where ugate expects it. */
        public static final String PATH = "/.well-known/ugate";

        public WebSocket {
            origins = List.copyOf(origins);
        }
    }

    /** Whether a target that no route names may be reached through this listener (T82). */
    public enum Forward {
        NONE,
        OPEN,
        AUTHENTICATED
    }

    public Ingress {
        protocols = List.copyOf(protocols);
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** The same under other settings. */
    public Ingress withSettings(Settings others) {
        return new Ingress(
                name, forward, protocols, port, users, trustedProxies, target, fallback, others, http, arrival);
    }

    public boolean serves(String protocol) {
        return protocols.isEmpty() || protocols.contains(protocol);
    }

    /** Whether the peer is a proxy that must begin with a PROXY header. */
    public boolean trusts(Peer peer) {
        return within(trustedProxies, peer);
    }

    /** Whether what the peer says about where a request came from counts (T42). */
    public boolean believes(Peer peer) {
        return within(http.trusted(), peer) || within(trustedProxies, peer);
    }

    private static boolean within(List<Cidr> blocks, Peer peer) {
        return !blocks.isEmpty()
                && peer.remote() instanceof InetSocketAddress remote
                && !remote.isUnresolved()
                && Cidr.any(blocks, remote.getAddress());
    }
}
