package dev.ugate.discovery.dns;

import dev.ugate.config.dns.DnsConfig;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Lookups under way, one a name, and what becomes of their outcomes: kept, or outweighed by an older answer while servers fail.
 * All state is confined to the servers' loop.
 */
final class Flights {
    /** How long a failure is believed (RFC 9520 §3.2 asks for at least this). */
    private static final long FAILURE = TimeUnit.SECONDS.toNanos(1);

    /** The pause between attempts to renew a stale answer; RFC 8767 §5 suggests 30 s, recovery within 5 s needs less (F22). */
    private static final long RECHECK = TimeUnit.SECONDS.toNanos(5);

    private final Map<String, Flight> flights = new HashMap<>();
    private final Servers servers;
    private final Supplier<List<String>> search;
    private final Cache cache;
    private final DnsOptions options;
    private final LongSupplier clock;

    Flights(Servers servers, Supplier<List<String>> search, Cache cache, DnsOptions options, LongSupplier clock) {
        this.servers = servers;
        this.search = search;
        this.cache = cache;
        this.options = options;
        this.clock = clock;
    }

    /** Completes on the loop; safe on any thread. */
    CompletableFuture<Entry> join(String host) {
        CompletableFuture<Entry> waiter = new CompletableFuture<>();
        servers.loop().execute(() -> join(host, waiter));
        return waiter;
    }

    /** Asks again although the cache has an answer; safe on any thread. */
    void refresh(String host) {
        if (servers.loop().isShuttingDown()) {
            return;
        }
        servers.loop().execute(() -> {
            if (!flights.containsKey(host) && hasRoom()) {
                counts().add(DnsCounts.Event.REFRESH);
                start(new Flight(host));
            }
        });
    }

    private void join(String host, CompletableFuture<Entry> waiter) {
        long now = clock.getAsLong();
        Entry known = cache.find(host);
        Flight flight = flights.get(host);
        if (known != null && known.serves(now)) {
            waiter.complete(known);
        } else if (flight != null) {
            flight.join(waiter);
        } else if (hasRoom()) {
            Flight started = new Flight(host);
            started.join(waiter);
            start(started);
        } else if (known != null && rescues(known, now)) {
            counts().add(DnsCounts.Event.STALE);
            waiter.complete(known);
        } else {
            waiter.completeExceptionally(Refused.because(
                    Refusal.OVERLOADED,
                    "limit lookups: " + flights.size() + " under way: expected less than "
                            + options.keep().lookups()));
        }
    }

    /** Each lookup holds two sockets. */
    private boolean hasRoom() {
        return flights.size() < options.keep().lookups();
    }

    private void start(Flight flight) {
        flights.put(flight.host(), flight);
        Entry known = cache.find(flight.host());
        if (known != null && rescues(known, clock.getAsLong())) {
            servers.loop().schedule(() -> impatient(flight), options.patience().toMillis(), TimeUnit.MILLISECONDS);
        }
        List<String> candidates = Names.candidates(flight.host(), search.get());
        Lookup.start(servers, candidates, options.delay(), (outcome, ttl, last) -> learned(flight, outcome, ttl, last));
    }

    private void learned(Flight flight, Outcome outcome, long ttl, boolean last) {
        long now = clock.getAsLong();
        Entry known = cache.find(flight.host());
        if (outcome instanceof Outcome.Failed) {
            counts().add(DnsCounts.Event.FAILURE);
        }
        if (last) {
            flights.remove(flight.host());
        }
        if (outcome instanceof Outcome.Failed && known != null && rescues(known, now)) {
            land(flight, held(known, now), now);
        } else {
            land(flight, Entry.of(outcome, now, lifetime(outcome, ttl)), now);
        }
    }

    private void impatient(Flight flight) {
        long now = clock.getAsLong();
        Entry known = cache.find(flight.host());
        if (flights.get(flight.host()) == flight && known != null && rescues(known, now)) {
            land(flight, held(known, now), now);
        }
    }

    private void land(Flight flight, Entry entry, long now) {
        cache.put(flight.host(), entry);
        for (int i = 0; i < flight.waiters.size() && entry.expired(now); i++) {
            counts().add(DnsCounts.Event.STALE);
        }
        flight.land(entry);
    }

    private boolean rescues(Entry known, long now) {
        return known.rescues(now, options.keep().stale().toNanos());
    }

    private static Entry held(Entry known, long now) {
        return known.serves(now) ? known : known.held(now + RECHECK);
    }

    private long lifetime(Outcome outcome, long ttl) {
        if (outcome instanceof Outcome.Failed) {
            return FAILURE;
        }
        DnsConfig.Keep keep = options.keep();
        return (outcome instanceof Outcome.Found ? keep.ttl(ttl) : keep.negative(ttl)).toNanos();
    }

    private DnsCounts counts() {
        return cache.counts();
    }

    /** A lookup under way and everybody who waits for it. */
    private static final class Flight {
        private final String host;
        private List<CompletableFuture<Entry>> waiters = new ArrayList<>(1);

        Flight(String host) {
            this.host = host;
        }

        String host() {
            return host;
        }

        void join(CompletableFuture<Entry> waiter) {
            waiters.add(waiter);
        }

        /** Answers all who wait now; the flight may go on for those to come. */
        void land(Entry entry) {
            List<CompletableFuture<Entry>> landing = waiters;
            waiters = new ArrayList<>(1);
            landing.forEach(waiter -> waiter.complete(entry));
        }
    }
}
