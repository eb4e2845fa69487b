package dev.ugate.protocols.http.h2.deadline;

/** When a connection began and when it was last of use. */
public final class Lifetime {
    private final long born;
    private long busy;

    public Lifetime(long now) {
        this.born = now;
        this.busy = now;
    }

    /** It is of use now. */
    public void busy(long now) {
        busy = now;
    }

    /** Nanoseconds since it began. */
    public long age(long now) {
        return now - born;
    }

    /** Nanoseconds that nobody had any use for it. */
    public long idle(long now) {
        return now - busy;
    }
}
