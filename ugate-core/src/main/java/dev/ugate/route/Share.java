package dev.ugate.route;

import dev.ugate.model.Endpoint;
import java.util.ArrayList;
import java.util.List;

/** What one of several destinations gets: its weight, however many endpoints it came to, each of which gets its part of that. */
public record Share(int weight, List<Endpoint> endpoints) {
    /** So that no weight becomes larger than an int is: one of a destination is 65535 at most. */
    private static final long FINEST = Integer.MAX_VALUE / 65_535;

    public Share {
        endpoints = List.copyOf(endpoints);
    }

    /** The endpoints of all, with the weights that these have beside each other. */
    public static List<Endpoint> all(List<Share> beside) {
        long parts = 1;
        for (Share share : beside) {
            parts = Math.min(FINEST, multiple(parts, share.sum()));
        }
        List<Endpoint> all = new ArrayList<>();
        for (Share share : beside) {
            double unit = (double) share.weight * parts / share.sum();
            for (Endpoint endpoint : share.endpoints) {
                double weight = endpoint.weight() * unit;
                all.add(endpoint.withWeight(weight > 0 ? (int) Math.max(1, Math.round(weight)) : 0));
            }
        }
        return all;
    }

    private long sum() {
        return Math.max(1, endpoints.stream().mapToLong(Endpoint::weight).sum());
    }

    /** The least common one. */
    private static long multiple(long a, long b) {
        long divisor = a;
        long rest = b;
        while (rest != 0) {
            long next = divisor % rest;
            divisor = rest;
            rest = next;
        }
        return a / divisor * b;
    }
}
