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
 * One named line of the policy.
 *
 * @param when what must fit
 * @param unless what must not: no value of any list may fit
 * @param http what only requests have
 * @param dryRun decides nothing; {@link Rules#trial} tells what it would have decided
 */
public record Rule(String name, Condition when, Condition unless, HttpMatch http, boolean dryRun) {
    /** 224.0.0.0/4: a wider block, like 0.0.0.0/0, means the internet and opens no metadata service. */
    private static final int WIDEST_SPECIAL = 4;

    /** A rule without exceptions. */
    public Rule(
            String name,
            List<Peer.Pattern> from,
            List<Glob> to,
            List<Cidr> cidrs,
            List<Integer> ports,
            List<String> protocols,
            HttpMatch http,
            boolean dryRun) {
        this(
                name,
                new Condition(from, List.of(), List.of(), List.of(), to, cidrs, ports, protocols),
                Condition.NONE,
                http,
                dryRun);
    }

    /** A rule without exceptions for streams of every kind. */
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
        return when.fits(intent) && !unless.touches(intent);
    }

    /** Whether it can only decide once an address is known. */
    boolean isAboutAddresses() {
        return !when.cidrs().isEmpty() || !unless.cidrs().isEmpty();
    }

    /** Whether the dialled address fits; no block fits an address that is not of the internet. */
    boolean covers(Optional<InetAddress> address) {
        return (when.cidrs().isEmpty() || when.contains(address)) && !unless.contains(address);
    }

    /** Whether the operator wrote this very address, by block or as literal, and so means it even if it is special. */
    boolean spellsOut(InetAddress address) {
        List<Cidr> cidrs = when.cidrs();
        List<Glob> to = when.to();
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
