package dev.ugate.protocols.http.h2.frame;

/** One direction of a stream: whether it is over, and how much it may still carry where that was announced. */
public final class Half {
    private static final long UNKNOWN = -1;

    private boolean over;
    private long left = UNKNOWN;
    private boolean awaitsHead;

    public boolean over() {
        return over;
    }

    /** Nothing may come before {@link #announce} was called, which the head does. */
    public void awaitHead() {
        awaitsHead = true;
    }

    public boolean awaitsHead() {
        return awaitsHead;
    }

    /** Announces {@code length} octets, −1 for any number. */
    public void announce(long length) {
        left = length;
        awaitsHead = false;
    }

    /** Counts octets; false when they are more than announced. */
    public boolean carry(int octets) {
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
    public boolean end() {
        over = true;
        return left <= 0;
    }
}
