package dev.ugate.route;

import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.http.HttpMatch;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The condition of a route; every list that is not empty must hold one that fits.
 *
 * @param hosts patterns of the asked name or literal
 * @param cidrs blocks of the literal that was asked for, or of the destination before capture; a name alone never fits
 * @param ports of the asked target
 * @param protocols words of the intent
 * @param from who asks
 * @param http what only requests have; unless it is {@link HttpMatch#ANY}, no byte stream fits
 */
public record Match(
        List<Glob> hosts,
        List<Cidr> cidrs,
        List<Integer> ports,
        List<String> protocols,
        List<Peer.Pattern> from,
        HttpMatch http)
        implements Predicate<Intent> {
    /** Fits every intent. */
    public static final Match ALL = new Match(List.of(), List.of(), List.of(), List.of(), List.of(), HttpMatch.ANY);

    public Match {
        hosts = List.copyOf(hosts);
        cidrs = List.copyOf(cidrs);
        ports = List.copyOf(ports);
        protocols = List.copyOf(protocols);
        from = List.copyOf(from);
    }

    /** The same condition for streams of every kind. */
    public Match(
            List<Glob> hosts, List<Cidr> cidrs, List<Integer> ports, List<String> protocols, List<Peer.Pattern> from) {
        this(hosts, cidrs, ports, protocols, from, HttpMatch.ANY);
    }

    /** The same, and what browsers ask before such requests. */
    public Match withPreflights() {
        return new Match(hosts, cidrs, ports, protocols, from, http.withPreflights());
    }

    @Override
    public boolean test(Intent intent) {
        return (ports.isEmpty() || ports.contains(intent.target().port()))
                && (protocols.isEmpty() || protocols.contains(intent.protocol()))
                && (hosts.isEmpty() || Glob.any(hosts, intent.target().host()))
                && (from.isEmpty() || Peer.Pattern.any(from, intent.peer()))
                && (cidrs.isEmpty() || within(intent))
                && (http.isAny() || intent.fits(http));
    }

    private boolean within(Intent intent) {
        Optional<InetAddress> literal = intent.target().literal();
        Optional<InetSocketAddress> original = intent.peer().originalDestination();
        return literal.isPresent() && Cidr.any(cidrs, literal.get())
                || original.isPresent()
                        && !original.get().isUnresolved()
                        && Cidr.any(cidrs, original.get().getAddress());
    }
}
