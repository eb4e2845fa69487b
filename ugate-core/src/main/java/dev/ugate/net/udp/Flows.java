package dev.ugate.net.udp;

import dev.ugate.spi.Gate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The datagram flows of one owner, each a stream that the gate judges and carries. Nothing waits for room: a datagram too many is
 * dropped and counted. Lives on the owner's loop.
 */
public final class Flows<K> {
    /** Flows of one owner as a multiple of one source's: every flow is a socket, and source addresses are easily forged. */
    private static final int SOURCES = 4;

    private final Map<K, Flow<K>> flows = new HashMap<>();
    private final Map<Object, Integer> perSource = new HashMap<>();
    private final Channel owner;
    private final Gate gate;
    private final Client<K> client;
    private final int most;
    private long dropped;
    private long carried;
    private boolean closed;

    /** At most {@code most} flows of one source at a time; {@code owner} is the parent of their channels. */
    public Flows(Channel owner, Gate gate, Client<K> client, int most) {
        this.owner = owner;
        this.gate = gate;
        this.client = client;
        this.most = most;
    }

    /** Takes one datagram of the client; the first of a key opens its flow. */
    public void deliver(K key, ByteBuf payload) {
        Flow<K> flow = flows.get(key);
        if (flow == null) {
            if (closed || flows.size() >= most * SOURCES || perSource.getOrDefault(client.source(key), 0) >= most) {
                refuse(key, "udpFlows");
                payload.release();
                return;
            }
            flow = new Flow<>(this, key, client, owner);
            flows.put(key, flow);
            perSource.merge(client.source(key), 1, Integer::sum);
            flow.begin(gate);
        }
        flow.deliver(payload);
    }

    /** Drops a datagram because of a limit. */
    void refuse(K key, String limit) {
        dropped++;
        client.connection(key).ingress().settings().journal().limited(limit);
    }

    /** Counts a datagram that the owner itself could not use. */
    public void drop() {
        dropped++;
    }

    /** Opens no more flows. */
    public void drain() {
        closed = true;
    }

    /** Ends every flow; later datagrams are dropped. */
    public void close() {
        drain();
        List.copyOf(flows.values()).forEach(Flow::end);
    }

    /** Flows that live, refused ones included until they are forgotten. */
    public int size() {
        return flows.size();
    }

    /** Datagrams that were dropped: too many flows, a full queue, a refused flow, a malformed packet. */
    public long dropped() {
        return dropped;
    }

    /** Datagrams that went to a flow or back: rises while the owner is of use. */
    public long carried() {
        return carried;
    }

    void carriedOne() {
        carried++;
    }

    void forget(K key) {
        if (flows.remove(key) != null) {
            perSource.merge(client.source(key), -1, (count, less) -> count == 1 ? null : count + less);
        }
    }
}
