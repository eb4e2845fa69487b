package dev.ugate.gate;

import dev.ugate.gate.http.Sessions;
import dev.ugate.model.Balance;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Orders the endpoints of one stage for one dial. State is per loop: what this loop saw of each endpoint. Ejected endpoints come last
 * but for those of weight 0.
 */
final class Balancer {
    private static final int MAX_ENDPOINTS = 10_000;

    private final Ejections ejections;
    private final LongSupplier nanos;
    private final Map<Object, Load> loads = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Load> eldest) {
            return size() > MAX_ENDPOINTS;
        }
    };
    private long turn;

    Balancer(Ejections ejections, LongSupplier nanos) {
        this.ejections = ejections;
        this.nanos = nanos;
    }

    /** The order in which to try for {@code peer}; of equal endpoints the one least recently first comes first. */
    List<Endpoint> order(List<Endpoint> stage, Balance balance, Peer peer) {
        if (stage.size() == 1) {
            return stage;
        }
        List<Endpoint> live = new ArrayList<>(stage.size());
        List<Endpoint> resting = new ArrayList<>(0);
        List<Endpoint> idle = new ArrayList<>(0);
        for (Endpoint endpoint : stage) {
            if (endpoint.weight() == 0) {
                idle.add(endpoint);
            } else if (ejections.ejected(endpoint.key())) {
                resting.add(endpoint);
            } else {
                live.add(endpoint);
            }
        }
        arrange(live.isEmpty() ? resting.isEmpty() ? idle : resting : live, balance, peer);
        live.addAll(resting);
        live.addAll(idle);
        return live;
    }

    /** The same order, which does not begin with the endpoint that was tried before where the next one is as good. */
    List<Endpoint> another(List<Endpoint> order, Endpoint tried) {
        boolean again = order.size() > 1 && order.get(0).key().equals(tried.key());
        if (!again
                || order.get(1).weight() == 0
                || ejections.ejected(order.get(1).key())) {
            return order;
        }
        List<Endpoint> other = new ArrayList<>(order);
        Collections.swap(other, 0, 1);
        return other;
    }

    /** Where a session is, unless that is ejected or gone. */
    Optional<Endpoint> holding(String session, List<List<Endpoint>> stages) {
        for (List<Endpoint> stage : stages) {
            for (Endpoint endpoint : stage) {
                if (session(endpoint).equals(session) && !ejections.ejected(endpoint.key())) {
                    return Optional.of(endpoint);
                }
            }
        }
        return Optional.empty();
    }

    /** What sessions at this endpoint are told of it. */
    String session(Endpoint endpoint) {
        Load load = load(endpoint);
        if (load.session.isEmpty()) {
            load.session = Sessions.name(endpoint.key());
        }
        return load.session;
    }

    Load load(Endpoint endpoint) {
        return loads.computeIfAbsent(endpoint.key(), k -> new Load());
    }

    private void arrange(List<Endpoint> stage, Balance balance, Peer peer) {
        if (stage.isEmpty()) {
            return;
        }
        switch (balance) {
            case ROUND_ROBIN -> roundRobin(stage);
            case LEAST_CONNECTIONS, PEAK_EWMA -> cheapest(stage, balance);
            case SOURCE_HASH -> dearest(stage, source(peer));
        }
        load(stage.get(0)).turn = ++turn;
    }

    /** Every cost is taken once: one that changed while the list is sorted would be no order. */
    private void cheapest(List<Endpoint> stage, Balance balance) {
        long now = nanos.getAsLong();
        for (Endpoint endpoint : stage) {
            Load load = load(endpoint);
            double cost = balance == Balance.PEAK_EWMA ? load.cost(now) : load.active + load.pending + 1;
            load.rank = cost / Math.max(endpoint.weight(), 1);
        }
        stage.sort(Comparator.comparingDouble((Endpoint e) -> load(e).rank).thenComparingLong(e -> load(e).turn));
    }

    /** Who asks: an identity where there is one, else an address without its port. */
    private static int source(Peer peer) {
        return peer.identity()
                .map(identity -> identity.name().hashCode())
                .orElseGet(() -> peer.remote() instanceof InetSocketAddress inet && !inet.isUnresolved()
                        ? Arrays.hashCode(Ip.bytes(inet.getAddress()))
                        : 0);
    }

    /**
     * Rendezvous hashing: every source holds each endpoint dear by a number of its own, so that one that leaves or comes moves nobody but
     * its own sources; a weight is the share of sources.
     */
    private void dearest(List<Endpoint> stage, int source) {
        for (Endpoint endpoint : stage) {
            long mixed = mix((long) source << 32 ^ endpoint.key().hashCode());
            double uniform = ((mixed >>> 11) + 0.5) * 0x1p-53;
            load(endpoint).rank = -Math.log(uniform) / Math.max(endpoint.weight(), 1);
        }
        stage.sort(Comparator.comparingDouble(e -> load(e).rank));
    }

    /** The finaliser of SplittableRandom: every bit depends on every other. */
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /** Smooth weighted round robin: every endpoint gains its weight, the richest goes first and pays the total. */
    private void roundRobin(List<Endpoint> stage) {
        long total = 0;
        for (Endpoint endpoint : stage) {
            int weight = Math.max(endpoint.weight(), 1);
            load(endpoint).credit += weight;
            total += weight;
        }
        stage.sort(Comparator.comparingLong(e -> -load(e).credit));
        load(stage.get(0)).credit -= total;
    }

    /** What one loop knows of one endpoint. */
    static final class Load {
        /** What was learned of an endpoint fades, so that a slow one is asked again and one hiccup is not held against it for long. */
        private static final double DECAY_NANOS = 5e9;

        private static final double UNKNOWN_NANOS = 1e3;

        /** Of an endpoint that never answered and is being asked: dearer than any answer, so that one dial is enough to learn. */
        private static final double UNANSWERED_NANOS = 1e12;

        /** So many dials at once double the cost: far fewer than would slow a healthy endpoint down. */
        private static final double CROWD = 8;

        private int active;
        private int pending;
        private long credit;
        private long turn;
        private double rank;
        private double latency;
        private long seen;
        private long news;
        private String session = "";

        void dialling(long now) {
            if (pending++ == 0) {
                news = now;
            }
        }

        /** Peak EWMA: a slower answer counts at once, a faster one gradually. */
        void dialled(long nanos, long now) {
            pending--;
            double kept = latency == 0 ? 0 : Math.exp(-(now - seen) / DECAY_NANOS);
            double decayed = latency * kept;
            latency = Math.max(nanos > decayed ? nanos : decayed + nanos * (1 - kept), UNKNOWN_NANOS);
            seen = now;
            news = now;
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

        /** Expected nanoseconds until a new stream is open; dials that still run without news make it dearer, live streams do not. */
        double cost(long now) {
            if (latency == 0) {
                return pending == 0 ? UNKNOWN_NANOS : UNANSWERED_NANOS * pending;
            }
            double faded = latency * Math.exp(-(now - seen) / DECAY_NANOS);
            double silence = pending == 0 ? 0 : now - news;
            return Math.max(Math.max(faded, silence), UNKNOWN_NANOS) * (1 + pending / CROWD);
        }
    }
}
