package dev.ugate.app.reverse;

import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.model.Identity;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.net.reverse.Reverse;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * The names that peers may be reached by here: a self-certifying one is for whoever holds its key, any other for those whom a rule of the
 * configuration lets have it.
 *
 * @param rules in no order: one that fits is enough
 */
record Claims(Mesh mesh, List<MeshConfig.ReverseNames> rules, Limits.Reverse limits) implements Reverse.Terms {
    private static final InetSocketAddress NOWHERE = new InetSocketAddress(0);

    @Override
    public boolean allows(String name, Identity owner) {
        Optional<NodeId> node = mesh.node(name);
        if (node.isPresent()) {
            return node.get().identity().equals(owner.name());
        }
        Peer peer = Peer.of(NOWHERE, NOWHERE).withIdentity(owner);
        return rules.stream().anyMatch(rule -> rule.name().matches(name) && Peer.Pattern.any(rule.from(), peer));
    }

    @Override
    public boolean reserves(String name) {
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).name().matches(name)) {
                return mesh.node(name).isEmpty();
            }
        }
        return false;
    }

    @Override
    public int mostNames() {
        return limits.reverseNames();
    }

    @Override
    public int mostTunnels() {
        return limits.reverseTunnels();
    }
}
