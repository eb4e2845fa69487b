package dev.ugate.protocols.ssh.channel;

import dev.ugate.protocols.ssh.wire.Packets;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Whose turn it is to use what the socket takes: channels that wait get a quantum each, in turn. */
final class Turns {
    private static final int QUANTUM = 64 * 1024;

    private final Engine engine;
    private final Queue<SshChannel> waiting = new ArrayDeque<>(2);
    private @Nullable SshChannel turn;
    private int quantum;
    private boolean coming;

    Turns(Engine engine) {
        this.engine = engine;
    }

    /** What a channel may send now. */
    int room(SshChannel channel) {
        if (!engine.packets().isWritable()) {
            engine.flushSoon();
            return 0;
        }
        if (channel == turn) {
            return Math.max(0, quantum);
        }
        return waiting.isEmpty() ? Integer.MAX_VALUE : 0;
    }

    void sent(int octets) {
        quantum -= octets;
    }

    /** The channel has more than it could send. */
    void await(SshChannel channel) {
        if (!channel.outlet().flow().queued()) {
            channel.outlet().flow().queued(true);
            waiting.add(channel);
        }
    }

    /** The socket takes more. */
    void writable() {
        if (!coming && !waiting.isEmpty()) {
            coming = true;
            // Not now: this may be a call from inside of a channel's own write.
            engine.loop().execute(() -> engine.packets().run(this::give));
        }
    }

    private void give() {
        coming = false;
        Packets packets = engine.packets();
        while (turn == null && packets.isWritable()) {
            SshChannel next = waiting.poll();
            if (next == null) {
                return;
            }
            next.outlet().flow().queued(false);
            turn = next;
            quantum = QUANTUM;
            next.outlet().resume();
            turn = null;
        }
    }
}
