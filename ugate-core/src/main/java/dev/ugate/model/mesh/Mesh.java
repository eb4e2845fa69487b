package dev.ugate.model.mesh;

import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What belongs to the mesh, and how its members are reached: never but over a carrier that proves who the far end is.
 *
 * @param suffixes of names, in lower case and with their leading dot
 * @param cidrs blocks of addresses
 * @param mode what becomes of a stream that would leave in the clear
 * @param ways carriers of an endpoint that says none, in order of preference, each from the innermost outwards
 * @param workloads identities that this node may speak for beside its own; the first that fits
 */
public record Mesh(
        List<String> suffixes, List<Cidr> cidrs, Mode mode, List<List<Carrier>> ways, List<Workload> workloads) {
    /** The names of E20, and the addresses that follow from keys; nothing else is in the mesh until the operator says so. */
    public static final Mesh STANDARD = new Mesh(
            List.of(".m", ".h.mesh.internal", ".h.mesh.example.com", ".m.example.com"),
            List.of(Cidr.parse("fd00::/64")),
            Mode.STRICT,
            List.of(List.of(Carrier.of("hbone"), Carrier.MESH_TLS, Carrier.TCP)),
            List.of());

    /** Where a member listens for the others unless its discovery says so (Istio's convention). */
    public static final int PORT = 15008;

    /** The same for SSH. */
    public static final int SSH_PORT = 15022;

    /** Where a member listens for what comes this way. */
    public static int port(List<Carrier> way) {
        return way.get(0).equals(Carrier.SSH) ? SSH_PORT : PORT;
    }

    /** Whether what is not secure is refused, or only told of. */
    public enum Mode {
        STRICT,
        AUDIT
    }

    /**
     * An identity that a gateway speaks for.
     *
     * @param from peers whose streams go out under it
     * @param listeners addresses as configured of the listeners whose streams do; both lists that are not empty must fit
     */
    public record Workload(String name, List<Peer.Pattern> from, List<String> listeners) {
        public Workload {
            from = List.copyOf(from);
            listeners = List.copyOf(listeners);
        }

        boolean speaksFor(Peer peer, Optional<String> listener) {
            return (from.isEmpty() || Peer.Pattern.any(from, peer))
                    && (listeners.isEmpty()
                            || listener.filter(listeners::contains).isPresent());
        }
    }

    public Mesh {
        suffixes = List.copyOf(suffixes);
        cidrs = List.copyOf(cidrs);
        ways = ways.stream().map(List::copyOf).toList();
        workloads = List.copyOf(workloads);
    }

    /** Whether a name, or a literal, is one of the mesh. */
    public boolean includes(HostPort target) {
        return rule(target).isPresent();
    }

    public boolean includes(InetAddress address) {
        return rule(address).isPresent();
    }

    /** The suffix or block that makes a name or a literal one of the mesh. */
    public Optional<String> rule(HostPort target) {
        Optional<String> suffix = suffix(target.host());
        return suffix.isPresent() || cidrs.isEmpty() ? suffix : target.literal().flatMap(this::rule);
    }

    /** The same of an address. */
    public Optional<String> rule(InetAddress address) {
        for (int i = 0; i < cidrs.size(); i++) {
            if (cidrs.get(i).contains(address)) {
                return Optional.of("cidr " + cidrs.get(i));
            }
        }
        return Optional.empty();
    }

    /** The node that a self-certifying name under one of the suffixes stands for. */
    public Optional<NodeId> node(String host) {
        return suffix(host).isPresent() ? NodeId.named(host) : Optional.empty();
    }

    /** The identity under which the streams of a peer go out; empty for the node's own. */
    public Optional<String> workload(Peer peer, Optional<String> listener) {
        for (Workload workload : workloads) {
            if (workload.speaksFor(peer, listener)) {
                return Optional.of(workload.name());
            }
        }
        return Optional.empty();
    }

    private Optional<String> suffix(String host) {
        for (int i = 0; i < suffixes.size(); i++) {
            String suffix = suffixes.get(i);
            if (host.length() > suffix.length() && host.endsWith(suffix)) {
                return Optional.of("suffix " + suffix);
            }
        }
        return Optional.empty();
    }
}
