package dev.ugate.protocols.http.h2.deadline;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one timer of a connection, which rings at the earliest of the times that were asked for. */
public final class Alarm {
    private final EventLoop loop;
    private final Runnable rings;
    private @Nullable Future<?> timer;
    private long due;

    public Alarm(EventLoop loop, Runnable rings) {
        this.loop = loop;
        this.rings = rings;
    }

    /** Rings within {@code wait} nanoseconds. */
    public void within(long wait) {
        long next = loop.ticker().nanoTime() + wait;
        if (timer != null && due - next <= 0) {
            return;
        }
        stop();
        due = next;
        timer = loop.schedule(this::ring, wait, TimeUnit.NANOSECONDS);
    }

    private void ring() {
        timer = null;
        rings.run();
    }

    /** Whether it would be silent for more than {@code wait} nanoseconds from {@code now} on. */
    public boolean later(long now, long wait) {
        return due - now > wait;
    }

    public void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
