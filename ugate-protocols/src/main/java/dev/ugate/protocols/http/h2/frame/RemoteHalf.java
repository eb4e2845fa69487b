package dev.ugate.protocols.http.h2.frame;

import dev.ugate.protocols.http.semantics.Pace;
import org.jspecify.annotations.Nullable;

/** What the peer sends on a stream, and the credit that it has for that (RFC 9113 §5.1 "remote", §5.2). */
public final class RemoteHalf {
    private final Half half = new Half();
    private final Credit credit;
    private int headSize;
    private int held;
    private boolean discards;
    private boolean touched;
    private @Nullable Pace pace;

    public RemoteHalf(Credit credit) {
        this.credit = credit;
    }

    public Half half() {
        return half;
    }

    /** Octets of the decoded head that began the stream. */
    public int headSize() {
        return headSize;
    }

    public void headSize(int octets) {
        headSize = octets;
    }

    /** A DATA frame of {@code length} octets came. Throws {@link Violation}. */
    public void use(int length) {
        if (half.over()) {
            throw Violation.ofStream(Code.STREAM_CLOSED, "data: the stream's end came before");
        }
        if (!credit.use(length)) {
            throw Violation.ofStream(Code.FLOW_CONTROL_ERROR, "data: more than the stream's window");
        }
    }

    /** Octets that will not be read any more, or were; returns what the window opens by. */
    public int give(int octets, boolean tight) {
        return half.over() ? 0 : credit.give(octets, tight);
    }

    /** The peer has to send with this pace while somebody waits for it. */
    public void paced(Pace by, long now) {
        pace = by;
        by.left(now);
    }

    /** Nanoseconds until the peer is too slow (L17). */
    public long patience(long now) {
        return pace == null || !hungry() ? Long.MAX_VALUE : pace.left(now);
    }

    /** Octets wait for their reader. */
    public void hold(int octets, long now) {
        held += octets;
        if (pace != null) {
            pace.moved(octets, now);
            pace.rests(now);
        }
    }

    /** The reader has all that waited, so many octets, and waits for more. */
    public int taken(long now) {
        int octets = held;
        held = 0;
        if (pace != null) {
            pace.left(now);
        }
        return octets;
    }

    /** Whether the peer could send more and somebody waits for it. */
    public boolean hungry() {
        return !half.over() && held == 0;
    }

    /** Whether there is news for the reader since {@link #passed}; true when this is the first. */
    public boolean touch() {
        boolean first = !touched;
        touched = true;
        return first;
    }

    /** The reader was told the news. */
    public void passed() {
        touched = false;
    }

    /** What comes from now on is thrown away. */
    public void discard() {
        discards = true;
    }

    public boolean discards() {
        return discards;
    }
}
