package dev.ugate.protocols.http.h2;

import java.time.Duration;

/** PINGs that show whether the peer is still there (L27). */
final class KeepAlive {
    private static final long MARK = 0x616C_6976_6500L;

    private final Engine engine;
    private final long quiet;
    private final long patience;
    private long heard;
    private long asked;
    private boolean waits;

    KeepAlive(Engine engine, Duration quiet, Duration patience) {
        this.engine = engine;
        this.quiet = quiet.toNanos();
        this.patience = patience.toNanos();
        this.heard = engine.now();
    }

    void answered(long opaque) {
        if (opaque == MARK) {
            waits = false;
            heard = engine.now();
        }
    }

    /** Asks when it is time to; false when the peer was asked and did not answer. */
    boolean alive(long now) {
        if (waits) {
            return now - asked < patience;
        }
        if (now - heard >= quiet) {
            waits = true;
            asked = now;
            engine.out().ping(MARK, false);
            engine.flushSoon();
        }
        return true;
    }
}
