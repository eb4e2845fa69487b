package dev.ugate.protocols.http.h2.frame;

/** What a peer may still send, on a stream or on the whole connection (RFC 9113 §5.2); given back when its reader took it, or before. */
public final class Credit {
    private final int most;
    private int size;
    private int left;
    private int taken;
    private int ahead;

    /** A window of {@code size} octets that grows up to {@code most} while its reader keeps up. */
    public Credit(int size, int most) {
        this.size = size;
        this.left = size;
        this.most = most;
    }

    /** The peer used some; false when it had less. */
    public boolean use(int octets) {
        left -= octets;
        return left >= 0;
    }

    /**
     * The reader took some; returns what the peer is to be told that it may send now, 0 for not yet. While memory is {@code tight} the
     * window shrinks to its smallest (L91).
     */
    public int give(int octets, boolean tight) {
        int before = Math.min(octets, ahead);
        ahead -= before;
        return back(octets - before, tight);
    }

    /** The same for some that no reader took yet, and which will count no more when one does. */
    public int advance(int octets) {
        ahead += octets;
        return back(octets, false);
    }

    private int back(int octets, boolean tight) {
        taken += octets;
        if (tight) {
            int less = Math.max(0, Math.min(taken, size - PeerSettings.FIRST_WINDOW));
            size -= less;
            taken -= less;
        }
        if (taken < size / 2) {
            return 0;
        }
        int growth = tight ? 0 : Math.min(size, most - size);
        int more = taken + growth;
        size += growth;
        taken = 0;
        left += more;
        return more;
    }
}
