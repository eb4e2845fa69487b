package dev.ugate.gate.mesh;

import dev.ugate.gate.mesh.Drop.Reason;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.mesh.Mesh.Mode;
import dev.ugate.model.mesh.NodeId;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The look at one answer of discovery, endpoint by endpoint. */
final class Inspection {
    private final Border border;
    private final HostPort asked;
    private final HostPort sought;
    private final List<List<Endpoint>> stages = new ArrayList<>();
    private final List<Drop> drops = new ArrayList<>();
    private final Set<String> notes = new TreeSet<>();

    Inspection(Border border, HostPort asked, HostPort sought) {
        this.border = border;
        this.asked = asked;
        this.sought = sought;
    }

    Crossing of(List<List<Endpoint>> answer) {
        for (List<Endpoint> stage : answer) {
            int first = stages.size();
            stages.add(new ArrayList<>());
            stage.forEach(endpoint -> look(first, endpoint));
        }
        stages.removeIf(List::isEmpty);
        return new Crossing(List.copyOf(stages), List.copyOf(drops), List.copyOf(notes));
    }

    private void look(int stage, Endpoint endpoint) {
        Set<String> ids = certified(endpoint);
        // What runs on this very machine, with nothing said about it, is the node's own: there is nobody to ask for a
        // proof.
        boolean own =
                endpoint.isLocal() && endpoint.isPlain() && endpoint.identity().isEmpty();
        if (ids.isEmpty() || own) {
            admit(stage, endpoint);
            return;
        }
        String id = ids.iterator().next();
        String said = endpoint.identity().orElse(id);
        if (ids.size() > 1 || !isSame(said, id)) {
            ids.add(said);
            drops.add(new Drop(
                    asked,
                    Reason.OTHER_IDENTITY,
                    true,
                    Refused.because(
                            Refusal.UPSTREAM_IDENTITY,
                            "mesh: endpoint " + endpoint + ": identities " + ids
                                    + ": expected one (self-certifying)")));
            return;
        }
        notes.add("expects " + id + " (self-certifying)");
        admit(stage, endpoint.withIdentity(id));
    }

    /** The identities that names on the way to the endpoint say by themselves. */
    private Set<String> certified(Endpoint endpoint) {
        return Stream.of(asked, sought, endpoint.host())
                .map(name -> border.mesh().node(name.host()))
                .flatMap(Optional::stream)
                .map(NodeId::identity)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Base32 has two ways to write each letter. */
    private static boolean isSame(String said, String id) {
        return said.toUpperCase(Locale.ROOT).equals(id.toUpperCase(Locale.ROOT));
    }

    private void admit(int stage, Endpoint endpoint) {
        border.mesh()
                .rule(asked)
                .or(() -> border.mesh().rule(sought))
                .or(() -> border.rule(endpoint))
                .ifPresent(rule -> notes.add("inside by " + rule));
        if (endpoint.isPlain()
                && endpoint.identity().isPresent()
                && !border.mesh().ways().isEmpty()) {
            spread(stage, endpoint);
            return;
        }
        Optional<Drop> objection = border.objection(asked, endpoint).or(() -> border.objection(sought, endpoint));
        objection.ifPresent(drops::add);
        if (objection.isEmpty() || border.mesh().mode() == Mode.AUDIT) {
            stages.get(stage).add(endpoint);
        }
    }

    private void spread(int stage, Endpoint endpoint) {
        Endpoint member = endpoint.withHost(sought);
        List<List<Carrier>> ways = border.mesh().ways();
        for (int i = 0; i < ways.size(); i++) {
            if (stages.size() == stage + i) {
                stages.add(new ArrayList<>());
            }
            stages.get(stage + i)
                    .add(member.withVia(ways.get(i)).withAddresses(ports(endpoint, Mesh.port(ways.get(i)))));
        }
        notes.add("carriers "
                + ways.stream().map(Objects::toString).collect(Collectors.joining(" then ")) + " to "
                + endpoint.identity().orElseThrow());
    }

    /** A port that nobody wrote down is that of the application, behind the member's own. */
    private static List<SocketAddress> ports(Endpoint endpoint, int port) {
        if (endpoint.ownPort()) {
            return endpoint.addresses();
        }
        List<SocketAddress> addresses = new ArrayList<>();
        for (SocketAddress address : endpoint.addresses()) {
            addresses.add(
                    address instanceof InetSocketAddress internet && !internet.isUnresolved()
                            ? new InetSocketAddress(internet.getAddress(), port)
                            : address);
        }
        return addresses;
    }
}
