package dev.ugate.protocols.http.h2.frame;

/** What this side sends on a stream, and the window that the peer gives it (RFC 9113 §5.1 "local", §5.2). */
public final class LocalHalf {
    private final Half half = new Half();
    private int window;
    private boolean said;
    private boolean queued;

    public Half half() {
        return half;
    }

    /** The stream opens with this window. */
    public void begin(int octets) {
        window = octets;
    }

    /** Octets that the peer takes now; negative after it took back some (RFC 9113 §6.9.2). */
    public int window() {
        return window;
    }

    /** Whether the peer takes nothing now. */
    public boolean blocked() {
        return window <= 0;
    }

    /** The peer takes so many octets more, or fewer; false when they are more than a window can have. */
    public boolean widen(int octets) {
        long sum = (long) window + octets;
        if (sum > Integer.MAX_VALUE) {
            return false;
        }
        window = (int) sum;
        return true;
    }

    /** Octets went out. */
    public void sent(int octets) {
        window -= octets;
    }

    /** Whether all is said, and that is news; true once. */
    public boolean says() {
        boolean news = half.over() && !said;
        said |= news;
        return news;
    }

    /** Whether the stream waits for its turn. */
    public boolean queued() {
        return queued;
    }

    public void queued(boolean now) {
        queued = now;
    }

    /** Whether octets wait for the peer to open a window or to read. */
    public boolean stalled() {
        return queued || !half.over() && blocked();
    }
}
