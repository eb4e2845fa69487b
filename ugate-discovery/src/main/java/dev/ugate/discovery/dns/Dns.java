package dev.ugate.discovery.dns;

import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.http.ProxyError;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The source {@code dns}: a caching stub resolver. What the cache, {@code /etc/hosts} or RFC 6761 answer completes inline on any
 * thread; questions are asked on one event loop. Holds no socket between questions, so there is nothing to close.
 */
public final class Dns implements Discovery {
    private static final CompletionStage<Optional<Resolution>> UNKNOWN =
            CompletableFuture.completedStage(Optional.empty());

    private final SystemFile<Hosts> hosts;
    private final Flights flights;
    private final Cache cache;
    private final DnsCounts counts = new DnsCounts();
    private final LongSupplier clock;

    /**
     * Reads the files of the options once; later reads are on {@code blocking}.
     *
     * @param clock nanoseconds as {@link System#nanoTime} counts them
     */
    public Dns(DnsOptions options, Wire wire, Executor blocking, LongSupplier clock) {
        this.clock = clock;
        this.hosts = new SystemFile<>(options.hosts(), Hosts::parse, blocking, clock);
        this.cache = new Cache(options.keep().names(), counts);
        SystemFile<ResolvConf> machine = new SystemFile<>(options.resolvConf(), ResolvConf::parse, blocking, clock);
        boolean own = !options.servers().isEmpty();
        Servers servers =
                new Servers(wire, () -> own ? options.servers() : machine.get().servers(), options.timeout(), counts);
        Supplier<List<String>> search =
                () -> own ? options.search() : machine.get().search();
        this.flights = new Flights(servers, search, cache, options, clock);
    }

    /**
     * Empty for literals and for names that do not exist; fails with {@link Refused} UNRESOLVED for names without addresses and
     * when no server answers, OVERLOADED when too many lookups are under way.
     */
    @Override
    public CompletionStage<Optional<Resolution>> resolve(HostPort target) {
        String host = target.host();
        if (target.literal().isPresent() || Names.isNowhere(host)) {
            return UNKNOWN;
        }
        if (Names.isLoopback(host)) {
            return known(target, Names.LOOPBACK);
        }
        Optional<List<InetAddress>> fixed = hosts.get().find(host);
        return fixed.isPresent() ? known(target, fixed.get()) : cached(target);
    }

    /** What happened since start, for metrics. */
    public DnsCounts counts() {
        return counts;
    }

    /** Names in the cache now. */
    public int entries() {
        return cache.size();
    }

    private CompletionStage<Optional<Resolution>> cached(HostPort target) {
        long now = clock.getAsLong();
        Entry entry = cache.find(target.host());
        if (entry == null || !entry.serves(now)) {
            counts.add(DnsCounts.Event.MISS);
            return asked(target);
        }
        entry.touch(now);
        counts.add(entry.expired(now) ? DnsCounts.Event.STALE : DnsCounts.Event.HIT);
        try {
            if (entry.claimRefresh(now)) {
                flights.refresh(target.host());
            }
            return CompletableFuture.completedStage(resolution(target, entry));
        } catch (Refused refused) {
            return CompletableFuture.failedStage(refused);
        }
    }

    private CompletionStage<Optional<Resolution>> asked(HostPort target) {
        try {
            return flights.join(target.host()).thenApply(entry -> resolution(target, entry));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedStage(Refused.because(Refusal.DRAINING, "resolver is closed"));
        }
    }

    private Optional<Resolution> resolution(HostPort target, Entry entry) {
        Outcome outcome = entry.outcome();
        if (outcome instanceof Outcome.Found found) {
            Duration ttl = Duration.ofNanos(entry.left(clock.getAsLong()));
            return Optional.of(resolution(target, found.addresses(), ttl));
        }
        if (outcome instanceof Outcome.Failed failed) {
            Refused why = Refused.because(Refusal.UNRESOLVED, failed.text());
            throw failed.silent() ? why.as(ProxyError.DNS_TIMEOUT) : why;
        }
        if (outcome instanceof Outcome.Bare) {
            throw Refused.because(Refusal.UNRESOLVED, "no A or AAAA record");
        }
        return Optional.empty();
    }

    private static CompletionStage<Optional<Resolution>> known(HostPort target, List<InetAddress> addresses) {
        return CompletableFuture.completedStage(Optional.of(resolution(target, addresses, Duration.ZERO)));
    }

    private static Resolution resolution(HostPort target, List<InetAddress> addresses, Duration ttl) {
        List<InetSocketAddress> ways = addresses.stream()
                .map(address -> new InetSocketAddress(address, target.port()))
                .toList();
        return Resolution.of("dns", ttl, List.of(Endpoint.tcp(target, ways)));
    }
}
