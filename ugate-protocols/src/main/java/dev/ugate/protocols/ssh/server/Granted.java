package dev.ugate.protocols.ssh.server;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.protocols.ssh.channel.Answer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a guest is reached by and how each of it ends, until the guest or its connection does. Lives on the connection's loop.
 *
 * @param <K> what the guest calls it
 */
final class Granted<K> {
    private final Map<K, Runnable> ends = new HashMap<>();
    private boolean over;

    /** Throws {@link Refused} DENIED where the guest has it. */
    void fresh(K asked) {
        if (has(asked)) {
            throw Refused.because(Refusal.DENIED, "asked for already");
        }
    }

    boolean has(K asked) {
        return ends.containsKey(asked);
    }

    void put(K asked, Runnable end) {
        ends.put(asked, end);
    }

    /** It came to nothing. */
    void forget(K asked) {
        ends.remove(asked);
    }

    /** The guest does not want it any more. */
    void cancel(K asked, Answer answer) {
        Runnable end = ends.remove(asked);
        if (end == null) {
            answer.no();
        } else {
            end.run();
            answer.yes();
        }
    }

    /** The connection is over, and everything with it. */
    void close() {
        over = true;
        ends.values().forEach(Runnable::run);
        ends.clear();
    }

    boolean isOver() {
        return over;
    }

    Set<K> all() {
        return Set.copyOf(ends.keySet());
    }
}
