package dev.ugate.policy;

import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a rule says of who asks whom: values of one list are alternatives, and every list that is not empty must hold one that fits.
 *
 * @param from who asks, by identity or by where it is
 * @param sources blocks of the peer's address, beside its identity
 * @param namespaces of the peer's SPIFFE id
 * @param serviceAccounts of the peer's SPIFFE id
 * @param to patterns of the asked name or literal
 * @param cidrs blocks of the address that would be dialled
 * @param ports of the asked target
 * @param protocols words of the intent
 */
public record Condition(
        List<Peer.Pattern> from,
        List<Cidr> sources,
        List<Workload> namespaces,
        List<Workload> serviceAccounts,
        List<Glob> to,
        List<Cidr> cidrs,
        List<Integer> ports,
        List<String> protocols) {
    /** Says nothing. */
    public static final Condition NONE =
            new Condition(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    public Condition {
        from = List.copyOf(from);
        sources = List.copyOf(sources);
        namespaces = List.copyOf(namespaces);
        serviceAccounts = List.copyOf(serviceAccounts);
        to = List.copyOf(to);
        cidrs = List.copyOf(cidrs);
        ports = List.copyOf(ports);
        protocols = List.copyOf(protocols);
    }

    /** Whether each list but the blocks of dialled addresses fits; allocates nothing where it says nothing of workloads. */
    boolean fits(Intent intent) {
        return (ports.isEmpty() || onPort(intent))
                && (protocols.isEmpty() || speaks(intent))
                && (to.isEmpty() || asksFor(intent))
                && (from.isEmpty() || isFrom(intent))
                && (sources.isEmpty() || isAt(intent))
                && (namespaces.isEmpty() || Workload.any(namespaces, intent.peer()))
                && (serviceAccounts.isEmpty() || Workload.any(serviceAccounts, intent.peer()));
    }

    /** Whether any list but the blocks of dialled addresses holds a value that fits. */
    boolean touches(Intent intent) {
        return onPort(intent)
                || speaks(intent)
                || asksFor(intent)
                || isFrom(intent)
                || isAt(intent)
                || Workload.any(namespaces, intent.peer())
                || Workload.any(serviceAccounts, intent.peer());
    }

    /** Whether the dialled address is in one of the blocks; none is one that is not of the internet. */
    boolean contains(Optional<InetAddress> address) {
        return address.isPresent() && Cidr.any(cidrs, address.get());
    }

    private boolean onPort(Intent intent) {
        return ports.contains(intent.target().port());
    }

    private boolean speaks(Intent intent) {
        return protocols.contains(intent.protocol());
    }

    private boolean asksFor(Intent intent) {
        return Glob.any(to, intent.target().host());
    }

    private boolean isFrom(Intent intent) {
        return Peer.Pattern.any(from, intent.peer());
    }

    private boolean isAt(Intent intent) {
        for (int i = 0; i < sources.size(); i++) {
            if (new Peer.Within(sources.get(i)).matches(intent.peer())) {
                return true;
            }
        }
        return false;
    }
}
