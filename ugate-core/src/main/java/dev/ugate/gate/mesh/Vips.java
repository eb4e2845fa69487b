package dev.ugate.gate.mesh;

import dev.ugate.model.mesh.NodeId;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which nodes the addresses of E20 stand for. Aliases and no proof: two keys with one address are cheap to make, so that an address of
 * which two live peers proved different keys stands for nobody. Bounded; shared by all loops.
 */
public final class Vips implements Function<InetAddress, Optional<Vips.Alias>> {
    private static final int MAX_PEERS = 10_000;

    private final Map<InetAddress, Map<NodeId, Integer>> peers = new LinkedHashMap<>();
    private volatile Map<InetAddress, Optional<Alias>> pinned = Map.of();
    private volatile boolean empty = true;

    /**
     * What an address stands for.
     *
     * @param name under which the configuration knows the node; empty where only its id is known
     */
    public record Alias(InetAddress vip, NodeId node, Optional<String> name) {}

    /** A peer that is known while it is connected. */
    public interface Known {
        /** The connection on which the key was proven is gone; the second call does nothing. */
        void forget();
    }

    /** Makes these, of this node and of the configuration, the ones that stay; no peer's key wins over them. */
    public void pin(Collection<Alias> aliases) {
        Map<InetAddress, Optional<Alias>> all = new HashMap<>();
        for (Alias alias : aliases) {
            all.merge(
                    alias.vip(),
                    Optional.of(alias),
                    (first, other) -> first.filter(one -> one.node().equals(alias.node())));
        }
        synchronized (peers) {
            pinned = Map.copyOf(all);
            empty = pinned.isEmpty() && peers.isEmpty();
        }
    }

    /** A peer proved this marshalled key on a connection that lives. A full table takes nobody in. */
    public Known learn(byte[] key) {
        InetAddress vip = NodeId.vip(key);
        NodeId node = NodeId.of(key);
        synchronized (peers) {
            if (peers.size() >= MAX_PEERS && !peers.containsKey(vip)) {
                return () -> {};
            }
            peers.computeIfAbsent(vip, at -> new HashMap<>()).merge(node, 1, Integer::sum);
            empty = false;
        }
        boolean[] gone = {false};
        return () -> {
            synchronized (peers) {
                if (!gone[0]) {
                    gone[0] = true;
                    forget(vip, node);
                }
            }
        };
    }

    private void forget(InetAddress vip, NodeId node) {
        Map<NodeId, Integer> nodes = peers.get(vip);
        if (nodes == null) {
            return;
        }
        nodes.computeIfPresent(node, (id, count) -> count == 1 ? null : count - 1);
        if (nodes.isEmpty()) {
            peers.remove(vip);
        }
        empty = pinned.isEmpty() && peers.isEmpty();
    }

    /** The one node that the address stands for; whoever is reached there must still prove the whole id. */
    @Override
    public Optional<Alias> apply(InetAddress vip) {
        if (empty) {
            return Optional.empty();
        }
        Optional<Alias> fixed = pinned.get(vip);
        if (fixed != null) {
            return fixed;
        }
        synchronized (peers) {
            Map<NodeId, Integer> nodes = peers.get(vip);
            return nodes == null || nodes.size() > 1
                    ? Optional.empty()
                    : Optional.of(new Alias(vip, nodes.keySet().iterator().next(), Optional.empty()));
        }
    }
}
