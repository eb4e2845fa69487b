package dev.ugate.gate;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints that failed too often in a row and rest for a while (L95): 5 failures, then 1 s doubling to 30 s; one success forgives. Also
 * told by active health checks. Endpoints are told apart by {@link dev.ugate.model.Endpoint#key}. Shared by all loops.
 */
public final class Ejections {
    private static final int FAILURES = 5;
    private static final long FIRST_REST = 1_000_000_000L;
    private static final int LONGEST_SHIFT = 5;
    private static final long LONGEST_REST = 30 * FIRST_REST;
    private static final int MAX_ENDPOINTS = 10_000;

    private final LongSupplier nanos;
    private final Map<Object, Standing> standings = new ConcurrentHashMap<>();

    public Ejections(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whether the endpoint rests now: it is tried only when nothing else is left. */
    public boolean ejected(Object endpoint) {
        Standing standing = standings.get(endpoint);
        if (standing == null) {
            return false;
        }
        long now = nanos.getAsLong();
        return standing.sick != null && standing.sick - now > 0
                || standing.failures >= FAILURES && standing.until - now > 0;
    }

    public void succeeded(Object endpoint) {
        if (!standings.isEmpty()) {
            standings.computeIfPresent(endpoint, (k, s) -> s.sick == null ? null : new Standing(0, 0, s.sick));
        }
    }

    public void failed(Object endpoint) {
        if (standings.size() < MAX_ENDPOINTS || standings.containsKey(endpoint)) {
            standings.compute(endpoint, (k, s) -> next(s == null ? new Standing(0, 0, null) : s));
        }
    }

    /** The verdict of an active check, which {@code holds} for that long: until the next, where there is one. */
    public void checked(Object endpoint, boolean healthy, Duration holds) {
        if (healthy) {
            standings.remove(endpoint);
        } else {
            long sick = nanos.getAsLong() + holds.toNanos();
            standings.merge(
                    endpoint, new Standing(0, 0, sick), (old, s) -> new Standing(old.failures, old.until, sick));
        }
    }

    /** Endpoints that rest now. */
    public int count() {
        return (int) standings.keySet().stream().filter(this::ejected).count();
    }

    private Standing next(Standing before) {
        if (before.failures >= FAILURES && before.until - nanos.getAsLong() > 0) {
            // Dials that were under way when it was ejected tell nothing new.
            return before;
        }
        int failures = before.failures + 1;
        int shift = Math.min(Math.max(failures - FAILURES, 0), LONGEST_SHIFT);
        long rest = Math.min(FIRST_REST << shift, LONGEST_REST);
        return new Standing(failures, nanos.getAsLong() + rest, before.sick);
    }

    /** Rests {@code until} then after failures; {@code sick} is until when a check holds against it, if one does. */
    private record Standing(
            int failures, long until, @Nullable Long sick) {}
}
