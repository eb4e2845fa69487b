package dev.ugate.app.explain;

import dev.ugate.config.ListenAddress;
import dev.ugate.config.ListenerConfig;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.UsualPort;
import dev.ugate.spi.Ingress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A stream that never was, and that is asked about: who would ask whom, and on which listener.
 *
 * @param ingress the terms of the listener; empty where none serves the protocol
 */
public record Supposed(Intent intent, Optional<Ingress> ingress) {
    private static final Set<String> REQUEST = Set.of("method", "path", "header");
    private static final String HERE = "127.0.0.1";
    private static final String HBONE = "hbone";

    /**
     * Of the parameters {@code to}, {@code protocol}, {@code from} (an address, {@code unix} or an identity), {@code source} (the address
     * beside an identity), {@code listener} (as configured; else the first that such a stream could come by), and those of a request.
     * Throws {@link Refused} MALFORMED.
     */
    public static Supposed of(
            Map<String, String> query, List<ListenerConfig> known, Function<ListenerConfig, Ingress> terms) {
        boolean request = query.keySet().stream().anyMatch(REQUEST::contains);
        String protocol = parameter(query, "protocol").orElse(request ? "http" : "socks5");
        HostPort target = HostPort.parse(parameter(query, "to").orElse(""), UsualPort.of(protocol.equals("tls")));
        Optional<ListenerConfig> listener =
                parameter(query, "listener").map(name -> named(name, known)).or(() -> first(protocol, known));
        Peer peer = peer(query, target, listener);
        Intent intent = protocol.equals("http")
                ? request(query, peer, target)
                : new Intent(protocol, peer, target, protocol.equals("udp") ? Shape.DATAGRAMS : Shape.BYTES, Map.of());
        return new Supposed(intent, listener.map(terms));
    }

    private static Optional<String> parameter(Map<String, String> query, String name) {
        return Optional.ofNullable(query.get(name));
    }

    private static ListenerConfig named(String text, List<ListenerConfig> known) {
        String name;
        try {
            name = ListenAddress.parse(text).toString();
        } catch (IllegalArgumentException e) {
            throw Refused.malformed("listener: " + e.getMessage());
        }
        return known.stream()
                .filter(listener -> listener.address().toString().equals(name))
                .findFirst()
                .orElseThrow(() -> Refused.malformed("listener " + text + ": unknown: expected one of "
                        + known.stream().map(ListenerConfig::address).toList()));
    }

    /** Nobody dials a listener for captured connections, and one of the mesh is for members. */
    private static Optional<ListenerConfig> first(String protocol, List<ListenerConfig> known) {
        boolean udp = protocol.equals("udp");
        String word = protocol.equals("connect") ? "http" : protocol;
        return known.stream()
                .filter(listener -> udp == (listener.address().medium() == ListenAddress.Medium.UDP))
                .filter(listener -> udp
                        || listener.protocols().isEmpty()
                        || listener.protocols().contains(word))
                .min(Comparator.comparing((ListenerConfig listener) -> isCaptured(listener))
                        .thenComparing(listener ->
                                !word.equals(HBONE) && listener.protocols().contains(HBONE)));
    }

    private static boolean isCaptured(ListenerConfig listener) {
        return listener.duty().capture().isPresent();
    }

    private static Peer peer(Map<String, String> query, HostPort target, Optional<ListenerConfig> listener) {
        String from = parameter(query, "from").orElse(HERE);
        Optional<String> source = parameter(query, "source");
        boolean identity = !from.equals("unix") && Ip.parse(from).isEmpty();
        if (source.isPresent() && !identity) {
            throw Refused.malformed(
                    "from " + from + ", source " + source.get() + ": expected an identity with a source");
        }
        Peer peer = Peer.of(remote(identity ? source.orElse(HERE) : from), local(target, listener));
        if (identity) {
            peer = peer.withIdentity(new Identity(identity(from), Identity.Proof.TOKEN));
        }
        return listener.filter(Supposed::isCaptured).isPresent() ? peer.capturedFrom(original(target)) : peer;
    }

    private static SocketAddress remote(String text) {
        if (text.equals("unix")) {
            return UnixDomainSocketAddress.of("");
        }
        return new InetSocketAddress(
                Ip.parse(text).orElseThrow(() -> Refused.malformed("source '" + text + "': expected an address")), 0);
    }

    /** As rules write it. */
    private static String identity(String text) {
        try {
            Peer.Pattern pattern = Peer.Pattern.parse(text);
            if (text.indexOf('*') < 0 && (pattern instanceof Peer.Named || pattern instanceof Peer.SpiffeId)) {
                return pattern.toString();
            }
        } catch (IllegalArgumentException e) {
            // What it is not is said below.
        }
        throw Refused.malformed(
                "from '" + text + "': expected an address, unix, spiffe://…, ssh:SHA256:…, key:… or user:NAME");
    }

    /** What the connection reached: the listener's address, or on one of all addresses the target, where that is here. */
    private static SocketAddress local(HostPort target, Optional<ListenerConfig> listener) {
        Optional<InetSocketAddress> bound = listener.map(one -> one.address().socket())
                .filter(InetSocketAddress.class::isInstance)
                .map(InetSocketAddress.class::cast);
        if (bound.isEmpty()) {
            return new InetSocketAddress(0);
        }
        return target.literal()
                .filter(literal -> bound.get().getAddress().isAnyLocalAddress() && isOurs(literal))
                .map(literal -> new InetSocketAddress(literal, bound.get().getPort()))
                .orElse(bound.get());
    }

    private static boolean isOurs(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    private static InetSocketAddress original(HostPort target) {
        return target.literal()
                .map(literal -> new InetSocketAddress(literal, target.port()))
                .orElseThrow(() -> Refused.because(
                        Refusal.MALFORMED,
                        "target " + target + ": expected an address: what is captured was going to one"));
    }

    /** A request with {@code method}, {@code path} and {@code header}, lines of {@code name: value}. */
    private static Intent request(Map<String, String> query, Peer peer, HostPort target) {
        Fields.Builder fields = new Fields.Builder();
        parameter(query, "header").stream().flatMap(String::lines).forEach(line -> {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw Refused.malformed("header '" + line + "': expected name: value");
            }
            fields.add(
                    line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        });
        Map<String, String> labels = Map.of(
                "method", parameter(query, "method").orElse("GET"),
                "path", parameter(query, "path").orElse("/"));
        return new Intent("http", peer, target, Shape.MESSAGES, labels, fields.build());
    }
}
