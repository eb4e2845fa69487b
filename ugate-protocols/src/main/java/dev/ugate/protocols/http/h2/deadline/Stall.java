package dev.ugate.protocols.http.h2.deadline;

/** Whether octets that wait for the peer to read go nowhere. */
public final class Stall {
    private long pending;
    private long since;

    /** Looks at what waits; true when it is as much as it was {@code limit} nanoseconds ago. */
    public boolean lasts(long waits, long now, long limit) {
        if (waits == 0 || waits != pending) {
            pending = waits;
            since = now;
            return false;
        }
        return now - since >= limit;
    }
}
