package dev.ugate.protocols.ssh.channel;

import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Whether the peer is still there, and whether this side is to leave. */
final class Pulse {
    private final Engine engine;
    private final Bounds bounds;
    private @Nullable Future<?> timer;
    private boolean heard;
    private boolean draining;
    private boolean left;
    private int owed;

    Pulse(Engine engine, Bounds bounds) {
        this.engine = engine;
        this.bounds = bounds;
    }

    void begin() {
        long every = bounds.keepAlive().toNanos();
        timer = engine.loop().scheduleWithFixedDelay(this::beat, every, every, TimeUnit.NANOSECONDS);
    }

    /** Something came. */
    void heard() {
        heard = true;
    }

    private void beat() {
        if (heard) {
            heard = false;
            owed = 0;
        } else if (owed < bounds.patience()) {
            owed++;
            engine.ping();
        } else {
            engine.packets()
                    .disconnect(Violation.late(
                            "sshKeepAlive",
                            "no sign of life within " + (owed + 1) + " × "
                                    + bounds.keepAlive().toMillis() + "ms"));
        }
    }

    void drain() {
        draining = true;
        // Not now: whoever is told may be about to begin something.
        engine.loop().execute(this::leaveIfIdle);
    }

    boolean isDraining() {
        return draining;
    }

    void leaveIfIdle() {
        if (draining && !left && engine.live() == 0) {
            left = true;
            engine.leave();
        }
    }

    void end() {
        left = true;
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
