package dev.ugate.protocols.ssh.channel;

import dev.ugate.protocols.ssh.wire.Violation;
import java.util.concurrent.TimeUnit;

/** Counts what costs this side work and the peer nothing: requests, and windows that open by little (T75). */
final class Floods {
    private static final long SPAN = TimeUnit.SECONDS.toNanos(10);

    /** A session comes with its environment, a terminal and a command. */
    private static final int EARNED_BY_OPEN = 10;

    /** A window that opens by that much was used by as much. */
    private static final int HONEST_ADJUST = 1024;

    private final int most;
    private long since;
    private int requests;
    private int adjusts;

    Floods(int most, long now) {
        this.most = most;
        this.since = now;
    }

    void opened() {
        requests -= EARNED_BY_OPEN;
    }

    void requested(long now) {
        renew(now);
        if (++requests > most) {
            throw Violation.protocol("requests: more than " + most + " within 10s");
        }
    }

    void adjusted(long octets, long now) {
        if (octets >= HONEST_ADJUST) {
            return;
        }
        renew(now);
        if (++adjusts > 10 * most) {
            throw Violation.protocol("window adjust: more than " + 10 * most + " small ones within 10s");
        }
    }

    private void renew(long now) {
        if (now - since >= SPAN) {
            since = now;
            requests = Math.min(requests, 0);
            adjusts = 0;
        }
    }
}
