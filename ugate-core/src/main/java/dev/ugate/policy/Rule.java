package dev.ugate.policy;

import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.http.HttpMatch;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * One named line of the policy; every list that is not empty must hold one that fits.
 *
 * @param from who asks
 * @param to patterns of the asked name or literal
 * @param cidrs blocks of the address that would be dialled
 * @param ports of the asked target
 * @param protocols words of the intent
 * @param http what only requests have
 * @param dryRun decides nothing; {@link Rules#trial} tells what it would have decided
 */
public record Rule(
        String name,
        List<Peer.Pattern> from,
        List<Glob> to,
        List<Cidr> cidrs,
        List<Integer> ports,
        List<String> protocols,
        HttpMatch http,
        boolean dryRun) {
    /** 224.0.0.0/4: a wider block, like 0.0.0.0/0, means the internet and opens no metadata service. */
    private static final int WIDEST_SPECIAL = 4;

    public Rule {
        from = List.copyOf(from);
        to = List.copyOf(to);
        cidrs = List.copyOf(cidrs);
        ports = List.copyOf(ports);
        protocols = List.copyOf(protocols);
    }

    /** A rule for streams of every kind. */
    public Rule(
            String name,
            List<Peer.Pattern> from,
            List<Glob> to,
            List<Cidr> cidrs,
            List<Integer> ports,
            List<String> protocols,
            boolean dryRun) {
        this(name, from, to, cidrs, ports, protocols, HttpMatch.ANY, dryRun);
    }

    /** Whether everything but the address fits, for what allows: a byte stream shows no request, so it fits no rule about them. */
    boolean permits(Intent intent) {
        return fits(intent) && (http.isAny() || intent.fits(http));
    }

    /** Whether everything but the address fits, for what denies: a byte stream may hide any request (Istio's rule for TCP). */
    boolean forbids(Intent intent) {
        return fits(intent) && (http.isAny() || intent.touches(http));
    }

    private boolean fits(Intent intent) {
        return (ports.isEmpty() || ports.contains(intent.target().port()))
                && (protocols.isEmpty() || protocols.contains(intent.protocol()))
                && (to.isEmpty() || Glob.any(to, intent.target().host()))
                && (from.isEmpty() || Peer.Pattern.any(from, intent.peer()));
    }

    /** Whether the dialled address fits; no block fits an address that is not of the internet. */
    boolean covers(Optional<InetAddress> address) {
        return cidrs.isEmpty() || address.isPresent() && Cidr.any(cidrs, address.get());
    }

    /** Whether the operator wrote this very address, by block or as literal, and so means it even if it is special. */
    boolean spellsOut(InetAddress address) {
        for (int i = 0; i < cidrs.size(); i++) {
            if (cidrs.get(i).prefix() >= WIDEST_SPECIAL && cidrs.get(i).contains(address)) {
                return true;
            }
        }
        if (!cidrs.isEmpty()) {
            return false;
        }
        for (int i = 0; i < to.size(); i++) {
            if (to.get(i).exact()
                    && Ip.parse(to.get(i).pattern()).filter(address::equals).isPresent()) {
                return true;
            }
        }
        return false;
    }
}
