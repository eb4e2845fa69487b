package dev.ugate.gate.mesh;

import dev.ugate.model.NodeId;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which nodes the addresses of E20 stand for. Aliases and no proof: two keys with one address are cheap to make, so that an address of
 * which two live peers proved different keys stands for nobody. Bounded; shared by all loops.
 */
public final class Vips implements Function<InetAddress, Optional<NodeId>> {
    private static final int MAX_PEERS = 10_000;

    private final Map<InetAddress, Map<NodeId, Integer>> peers = new LinkedHashMap<>();
    private volatile Map<InetAddress, Set<NodeId>> pinned = Map.of();
    private volatile boolean empty = true;

    /** A peer that is known while it is connected. */
    public interface Known {
        /** The connection on which the key was proven is gone; the second call does nothing. */
        void forget();
    }

    /** Makes these marshalled keys, of this node and of the configuration, the ones that stay; no peer's key wins over them. */
    public void pin(Collection<byte[]> keys) {
        Map<InetAddress, Set<NodeId>> all = new HashMap<>();
        for (byte[] key : keys) {
            all.computeIfAbsent(NodeId.vip(key), vip -> new HashSet<>()).add(NodeId.of(key));
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
    public Optional<NodeId> apply(InetAddress vip) {
        if (empty) {
            return Optional.empty();
        }
        Set<NodeId> fixed = pinned.get(vip);
        if (fixed != null) {
            return only(fixed);
        }
        synchronized (peers) {
            Map<NodeId, Integer> nodes = peers.get(vip);
            return nodes == null ? Optional.empty() : only(nodes.keySet());
        }
    }

    private static Optional<NodeId> only(Set<NodeId> nodes) {
        return nodes.size() == 1 ? Optional.of(nodes.iterator().next()) : Optional.empty();
    }
}
