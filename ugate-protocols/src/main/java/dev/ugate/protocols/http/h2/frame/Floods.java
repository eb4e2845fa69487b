package dev.ugate.protocols.http.h2.frame;

import dev.ugate.model.Limits;
import java.time.Duration;

/** Counts what costs a peer little and this side much (L36, L37): frames that carry nothing, and resets. */
public final class Floods {
    private static final long CONTROL_WINDOW = Duration.ofSeconds(10).toNanos();
    private static final long RESET_WINDOW = Duration.ofSeconds(30).toNanos();

    /** A DATA frame of fewer octets earns no control frame. */
    private static final int WORTHY = 256;

    /** What a worthy DATA frame earns: a window update of its stream and one of the connection. */
    private static final int EARNED = 2;

    /** A peer may answer each of so many octets. */
    private static final int FRAME = 16 * 1024;

    /** Frames that a peer can have earned and not sent yet. */
    private static final int MOST_EARNED = 1000;

    private final Limits.Http2 limits;
    private long controlSince;
    private int control;
    private long resetsSince;
    private int resets;
    private int empty;

    public Floods(Limits.Http2 limits, long now) {
        this.limits = limits;
        this.controlSince = now;
        this.resetsSince = now;
    }

    /** Content went either way. */
    public void data(int octets) {
        if (octets >= WORTHY) {
            earn(EARNED * (1 + octets / FRAME));
        }
    }

    /** A head block came, which streams are bounded by. */
    public void head() {
        earn(EARNED);
    }

    private void earn(int frames) {
        control = Math.max(control - frames, -MOST_EARNED);
    }

    /** A frame that carries nothing came. Throws {@link Violation}. */
    public void control(long now) {
        if (now - controlSince > CONTROL_WINDOW) {
            controlSince = now;
            // What data has earned may still be on its way.
            control = Math.min(control, 0);
        }
        if (++control > limits.http2ControlFrames()) {
            throw Violation.limit(
                    "http2ControlFrames", limits.http2ControlFrames() + " within 10s beyond those of data");
        }
    }

    /** The peer reset a stream, or made us do it. Throws {@link Violation}. */
    public void reset(long now) {
        if (now - resetsSince > RESET_WINDOW) {
            resetsSince = now;
            resets = 0;
        }
        if (++resets > limits.http2Resets()) {
            throw Violation.limit("http2Resets", limits.http2Resets() + " within 30s");
        }
    }

    /** A DATA frame came; {@code useful} when it has content or is the last of its stream. Throws {@link Violation}. */
    public void frame(boolean useful) {
        empty = useful ? 0 : empty + 1;
        if (empty > limits.http2EmptyData()) {
            throw Violation.limit("http2EmptyData", limits.http2EmptyData() + " empty DATA frames in a row");
        }
    }
}
