package dev.ugate.protocols.http.h2.deadline;

/** Something that begins and has to end in time. */
public final class Deadline {
    private long since;
    private boolean runs;

    /** It begins, unless it has begun already; true when it had not. */
    public boolean begin(long now) {
        if (runs) {
            return false;
        }
        since = now;
        runs = true;
        return true;
    }

    public void end() {
        runs = false;
    }

    public boolean runs() {
        return runs;
    }

    /** Whether it runs for {@code limit} nanoseconds or more. */
    public boolean missed(long now, long limit) {
        return runs && now - since >= limit;
    }
}
