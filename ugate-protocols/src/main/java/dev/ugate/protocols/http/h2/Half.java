package dev.ugate.protocols.http.h2;

/** One direction of a stream: whether it is over, and how much it may still carry where that was announced. */
final class Half {
    private static final long UNKNOWN = -1;

    private boolean over;
    private long left = UNKNOWN;

    boolean over() {
        return over;
    }

    /** Announces {@code length} octets, −1 for any number. */
    void announce(long length) {
        left = length;
    }

    /** Counts octets; false when they are more than announced. */
    boolean carry(int octets) {
        if (left == UNKNOWN) {
            return true;
        }
        if (octets > left) {
            return false;
        }
        left -= octets;
        return true;
    }

    /** Ends the direction; false when less came than was announced. */
    boolean end() {
        over = true;
        return left <= 0;
    }
}
