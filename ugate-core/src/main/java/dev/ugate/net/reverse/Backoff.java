package dev.ugate.net.reverse;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/** How long to wait before the next attempt: twice as long each time, give or take a fifth so that many do not come at once. */
public final class Backoff {
    private static final long FIRST = Duration.ofSeconds(1).toMillis();
    private static final long LONGEST = Duration.ofSeconds(30).toMillis();
    private static final double SPREAD = 0.2;

    private final DoubleSupplier random;
    private long next = FIRST;

    /** One of many nodes that may have lost the same gateway. */
    public Backoff() {
        this(() -> ThreadLocalRandom.current().nextDouble());
    }

    /** {@code random} gives 0 to 1. */
    Backoff(DoubleSupplier random) {
        this.random = random;
    }

    /** Milliseconds. */
    public long next() {
        long now = next;
        next = Math.min(LONGEST, next * 2);
        return Math.round(now * (1 + SPREAD * (2 * random.getAsDouble() - 1)));
    }

    /** It worked. */
    public void reset() {
        next = FIRST;
    }
}
