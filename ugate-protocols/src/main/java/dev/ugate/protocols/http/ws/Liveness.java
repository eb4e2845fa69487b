package dev.ugate.protocols.http.ws;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks a silent peer for a sign of life, and finds it dead when it owes two (L57). */
final class Liveness {
    private static final int MISSED = 2;

    /** Who is watched. */
    interface Watched {
        /** Whether anything that it sent would be seen. */
        boolean listens();

        void ping();

        void dead();
    }

    private final Watched watched;
    private @Nullable Future<?> timer;
    private boolean heard;
    private int owed;

    Liveness(Watched watched) {
        this.watched = watched;
    }

    /** Asks after each {@code interval} of silence. */
    void start(EventExecutor loop, Duration interval) {
        timer = loop.scheduleWithFixedDelay(this::tick, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    void stop() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    void heard() {
        heard = true;
        owed = 0;
    }

    private void tick() {
        if (heard || !watched.listens()) {
            heard = false;
        } else if (owed == MISSED) {
            stop();
            watched.dead();
        } else {
            owed++;
            watched.ping();
        }
    }
}
