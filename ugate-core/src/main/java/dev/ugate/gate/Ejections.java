package dev.ugate.gate;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

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
        return standing != null
                && (standing.unhealthy || standing.failures >= FAILURES && standing.until - nanos.getAsLong() > 0);
    }

    public void succeeded(Object endpoint) {
        if (!standings.isEmpty()) {
            standings.computeIfPresent(endpoint, (k, s) -> s.unhealthy ? new Standing(0, 0, true) : null);
        }
    }

    public void failed(Object endpoint) {
        if (standings.size() < MAX_ENDPOINTS || standings.containsKey(endpoint)) {
            standings.compute(endpoint, (k, s) -> next(s == null ? new Standing(0, 0, false) : s));
        }
    }

    /** The verdict of an active check. */
    public void checked(Object endpoint, boolean healthy) {
        if (healthy) {
            standings.remove(endpoint);
        } else {
            standings.merge(
                    endpoint, new Standing(0, 0, true), (old, s) -> new Standing(old.failures, old.until, true));
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
        return new Standing(failures, nanos.getAsLong() + rest, before.unhealthy);
    }

    private record Standing(int failures, long until, boolean unhealthy) {}
}
