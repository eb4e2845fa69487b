package dev.ugate.protocols.http.semantics;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;

/**
 * Whether a client sends a body fast enough (L17): time that is spent waiting for it is owed, bytes pay for it at the least rate, and
 * nobody may owe more than the grace. What comes faster is saved up for one stall (L16), and time in which we do not read costs nothing.
 * The same for every version.
 */
public final class Pace {
    private static final long SECOND = 1_000_000_000L;

    private final int rate;
    private final long grace;
    private final long most;
    private long owed;
    private long since;
    private boolean waiting;

    public Pace(Limits limits, Timeouts timeouts) {
        this.rate = limits.minBodyRate();
        this.grace = timeouts.exchange().bodyGrace().toNanos();
        this.most = timeouts.exchange().bodyIdle().toNanos();
    }

    /** Waits from now on, or still; how many nanoseconds may pass without a byte, zero or less when it took too long. */
    public long left(long now) {
        settle(now);
        waiting = true;
        return rate == 0 ? Long.MAX_VALUE : grace - owed;
    }

    /** So many bytes came. */
    public void moved(long bytes, long now) {
        settle(now);
        if (rate > 0) {
            owed = Math.max(-most, owed - bytes * SECOND / rate);
        }
    }

    /** The client is not waited for. */
    public void rests(long now) {
        settle(now);
        waiting = false;
    }

    private void settle(long now) {
        if (waiting) {
            owed += now - since;
        }
        since = now;
    }
}
