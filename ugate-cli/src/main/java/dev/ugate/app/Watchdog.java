package dev.ugate.app;

import dev.ugate.net.Loops;
import dev.ugate.spi.Pressure;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Beats on every event loop and tells when a loop is late or dead (L94, J1): a loop that does not beat for a second is logged with the
 * stack it hangs in.
 */
final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
    private static final long BEAT_MILLIS = 250;
    private static final long LATE_NANOS = 1_000_000_000L;

    private final List<Pulse> pulses = new ArrayList<>();
    private final Thread watcher = new Thread(this::run, "watchdog");
    private final DoubleFunction<Pressure> tick;
    private volatile boolean closed;
    private volatile Pressure pressure = Pressure.NONE;

    /** {@code tick} is told the lag in seconds at every look, on the watchdog's thread, and says how short things are. */
    Watchdog(Loops loops, DoubleFunction<Pressure> tick) {
        this.tick = tick;
        for (EventExecutor loop : loops.group()) {
            pulses.add(new Pulse(loop));
        }
        watcher.setDaemon(true);
        watcher.start();
    }

    /** Seconds since the latest beat of the slowest loop, less the beat's own period. */
    double lagSeconds() {
        long worst = 0;
        for (Pulse pulse : pulses) {
            worst = Math.max(worst, pulse.lateNanos());
        }
        return worst / 1e9;
    }

    /** What the latest look said. */
    Pressure pressure() {
        return pressure;
    }

    boolean healthy() {
        return pulses.stream().allMatch(pulse -> pulse.lateNanos() < LATE_NANOS && !pulse.loop.isShuttingDown());
    }

    /** What makes this thread late as well is the machine's doing, and no reason to refuse or to complain. */
    private void run() {
        long overslept = 0;
        while (!closed) {
            for (Pulse pulse : pulses) {
                pulse.tell(overslept);
            }
            pressure = tick.apply(Math.max(0, lagSeconds() - overslept / 1e9));
            long asleep = System.nanoTime();
            LockSupport.parkNanos(BEAT_MILLIS * 1_000_000);
            overslept = Math.max(0, System.nanoTime() - asleep - BEAT_MILLIS * 1_000_000);
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    /** One loop's heartbeat. */
    private static final class Pulse {
        private final EventExecutor loop;
        private volatile long beat = System.nanoTime();
        private volatile Thread thread = Thread.currentThread();
        private boolean told;

        Pulse(EventExecutor loop) {
            this.loop = loop;
            loop.scheduleWithFixedDelay(this::beat, 0, BEAT_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void beat() {
            thread = Thread.currentThread();
            beat = System.nanoTime();
        }

        long lateNanos() {
            return Math.max(0, System.nanoTime() - beat - BEAT_MILLIS * 1_000_000);
        }

        void tell(long excusedNanos) {
            long late = lateNanos() - excusedNanos;
            if (late > LATE_NANOS && !told) {
                told = true;
                LOG.atError()
                        .addKeyValue("ms", late / 1_000_000)
                        .addKeyValue("stack", stack())
                        .log("event loop late");
            } else if (late < LATE_NANOS) {
                told = false;
            }
        }

        String stack() {
            StringBuilder out = new StringBuilder();
            for (StackTraceElement frame : thread.getStackTrace()) {
                out.append(frame).append(" < ");
            }
            return out.toString();
        }
    }
}
