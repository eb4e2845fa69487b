package dev.ugate.discovery.dns;

/** One outcome in the cache; times are of the resolver's clock in nanoseconds. */
final class Entry {
    private final Outcome outcome;
    private final long learned;
    private final long expires;
    private final long recheck;
    private volatile long used;
    private volatile boolean refreshed;

    private Entry(Outcome outcome, long learned, long expires, long recheck) {
        this.outcome = outcome;
        this.learned = learned;
        this.expires = expires;
        this.recheck = recheck;
        this.used = learned;
    }

    static Entry of(Outcome outcome, long now, long ttl) {
        return new Entry(outcome, now, now + ttl, now + ttl);
    }

    /** The same outcome, expired as it is, to be served until {@code until} without asking. */
    Entry held(long until) {
        Entry held = new Entry(outcome, learned, expires, until);
        held.used = used;
        return held;
    }

    Outcome outcome() {
        return outcome;
    }

    /** Whether it may be served without asking. */
    boolean serves(long now) {
        return now - recheck < 0;
    }

    boolean expired(long now) {
        return now - expires >= 0;
    }

    /** Whether it may be served when nothing better can be had: addresses no older than {@code stale} past their end (RFC 8767). */
    boolean rescues(long now, long stale) {
        return outcome instanceof Outcome.Found && now - expires < stale;
    }

    /** Nanoseconds until it expires; 0 when it has. */
    long left(long now) {
        return Math.max(0, expires - now);
    }

    /** True once, in the last tenth of its life. */
    boolean claimRefresh(long now) {
        if (refreshed || expired(now) || left(now) > (expires - learned) / 10) {
            return false;
        }
        // Two loops may both see false; the resolver's loop lets only one question through.
        refreshed = true;
        return true;
    }

    long used() {
        return used;
    }

    void touch(long now) {
        used = now;
    }
}
