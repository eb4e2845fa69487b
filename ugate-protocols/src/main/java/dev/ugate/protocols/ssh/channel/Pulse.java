package dev.ugate.protocols.ssh.channel;

import dev.ugate.protocols.ssh.wire.Packets;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Whether the peer is still there, and whether this side is to leave. */
final class Pulse {
    private final Engine engine;
    private Bounds.Pace pace;
    private @Nullable Future<?> timer;
    private boolean heard;
    private boolean draining;
    private boolean left;
    private int owed;

    Pulse(Engine engine, Bounds.Pace pace) {
        this.engine = engine;
        this.pace = pace;
    }

    void begin() {
        long every = pace.every().toNanos();
        Packets packets = engine.packets();
        timer = engine.loop().scheduleWithFixedDelay(() -> packets.run(this::beat), every, every, TimeUnit.NANOSECONDS);
    }

    /** From now on at this pace. */
    void keep(Bounds.Pace other) {
        stop();
        pace = other;
        begin();
    }

    /** Something came. */
    void heard() {
        heard = true;
    }

    private void beat() {
        if (heard) {
            heard = false;
            owed = 0;
        } else if (owed < pace.patience()) {
            owed++;
            engine.ping();
        } else {
            engine.silent(
                    pace.limit(),
                    "no sign of life within " + (owed + 1) + " × "
                            + pace.every().toMillis() + "ms");
        }
    }

    void drain() {
        draining = true;
        // Not now: whoever is told may be about to begin something.
        engine.loop().execute(() -> engine.packets().run(this::leaveIfIdle));
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
        stop();
    }

    private void stop() {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
