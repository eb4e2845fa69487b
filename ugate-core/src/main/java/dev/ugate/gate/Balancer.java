package dev.ugate.gate;

import dev.ugate.model.Balance;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Orders the endpoints of one stage for one dial. State is per loop: what this loop saw of each endpoint. Ejected endpoints come last.
 */
final class Balancer {
    private static final int MAX_ENDPOINTS = 10_000;

    private final Ejections ejections;
    private final LongSupplier nanos;
    private final Map<HostPort, Load> loads = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<HostPort, Load> eldest) {
            return size() > MAX_ENDPOINTS;
        }
    };

    Balancer(Ejections ejections, LongSupplier nanos) {
        this.ejections = ejections;
        this.nanos = nanos;
    }

    /** The order in which to try; of equal endpoints the one least recently first comes first. */
    List<Endpoint> order(List<Endpoint> stage, Balance balance) {
        if (stage.size() == 1) {
            return stage;
        }
        List<Endpoint> ordered = new ArrayList<>(stage);
        switch (balance) {
            case ROUND_ROBIN -> roundRobin(ordered);
            case LEAST_CONNECTIONS -> ordered.sort(Comparator.comparingDouble(e -> weighted(load(e).active + 1, e)));
            case PEAK_EWMA ->
                ordered.sort(Comparator.comparingDouble(e -> weighted(load(e).cost(nanos.getAsLong()), e)));
        }
        ordered.sort(Comparator.comparingInt(e -> e.weight() == 0 ? 2 : ejections.ejected(e.host()) ? 1 : 0));
        return ordered;
    }

    Load load(Endpoint endpoint) {
        return loads.computeIfAbsent(endpoint.host(), k -> new Load());
    }

    private static double weighted(double cost, Endpoint endpoint) {
        return cost / Math.max(endpoint.weight(), 1);
    }

    /** Smooth weighted round robin: every endpoint gains its weight, the richest goes first and pays the total. */
    private void roundRobin(List<Endpoint> stage) {
        long total = 0;
        for (Endpoint endpoint : stage) {
            load(endpoint).credit += endpoint.weight();
            total += endpoint.weight();
        }
        stage.sort(Comparator.comparingLong(e -> -load(e).credit));
        load(stage.get(0)).credit -= total;
    }

    /** What one loop knows of one endpoint. */
    static final class Load {
        /** What was learned of an endpoint fades, so that a slow one is asked again and one hiccup is not held against it for long. */
        private static final double DECAY_NANOS = 5e9;

        private static final double UNKNOWN_NANOS = 1e3;

        private int active;
        private int pending;
        private long credit;
        private double latency = UNKNOWN_NANOS;
        private long seen;

        void dialling() {
            pending++;
        }

        /** Peak EWMA: a slower answer counts at once, a faster one gradually. */
        void dialled(long nanos, long now) {
            pending--;
            double kept = Math.exp(-(now - seen) / DECAY_NANOS);
            double decayed = latency * kept;
            latency = nanos > decayed ? nanos : decayed + nanos * (1 - kept);
            latency = Math.max(latency, UNKNOWN_NANOS);
            seen = now;
        }

        void failed() {
            pending--;
        }

        void opened() {
            active++;
        }

        void closed() {
            active--;
        }

        /** Expected nanoseconds until a new stream is open; dials that still run make it dearer, live streams do not. */
        double cost(long now) {
            return Math.max(latency * Math.exp(-(now - seen) / DECAY_NANOS), UNKNOWN_NANOS) * (pending + 1);
        }
    }
}
