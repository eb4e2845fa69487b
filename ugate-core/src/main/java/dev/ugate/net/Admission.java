package dev.ugate.net;

import dev.ugate.model.Ip;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may hold a connection: caps for the process, for one source, and for connections whose intent is not known yet (L1, L3, L4, L6),
 * and penalties for sources that misbehaved (L5). Local peers are spared everything but the process cap. One of the few shared
 * mutable classes; every method may be called on any loop.
 */
public final class Admission {
    private static final AttributeKey<Ticket> TICKET = AttributeKey.valueOf("ugate.ticket");
    private static final long SECOND = 1_000_000_000L;
    private static final long ENFORCED = 15 * SECOND;
    private static final long LONGEST = 600 * SECOND;
    private static final int MAX_SOURCES = 65_536;

    private final Limits limits;
    private final int maxConnections;
    private final LongSupplier nanos;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger handshakes = new AtomicInteger();
    private final LongAdder accepted = new LongAdder();
    private final ConcurrentHashMap<Long, Source> sources = new ConcurrentHashMap<>();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /** {@code maxConnections} is the cap of the process; {@code nanos} a monotonic clock. */
    public Admission(Limits limits, int maxConnections, LongSupplier nanos) {
        this.limits = limits;
        this.maxConnections = maxConnections;
        this.nanos = nanos;
    }

    /** Whether the process cap is reached, so that listeners stop accepting. */
    public boolean full() {
        return connections.get() >= maxConnections;
    }

    /** Runs {@code resume} once, on any thread, as soon as the process cap leaves room; at once if it does now. */
    void whenRoom(Runnable resume) {
        waiting.add(resume);
        wake();
    }

    private void wake() {
        while (!waiting.isEmpty() && !full()) {
            Runnable next = waiting.poll();
            if (next != null) {
                next.run();
            }
        }
    }

    public int connections() {
        return connections.get();
    }

    /** Every connection so far. */
    public long accepted() {
        return accepted.sum();
    }

    public int maxConnections() {
        return maxConnections;
    }

    public int handshakes() {
        return handshakes.get();
    }

    /** Counts the connection in until it closes; a refusal OVERLOADED or DENIED means that it must be closed without a word. */
    public Optional<Refused> admit(Channel channel, Peer peer) {
        return attribute(arrived(channel), peer);
    }

    /** Counts a trusted proxy's connection in; it counts for a source once {@link #attribute} names that. */
    public void admitProxy(Channel channel) {
        arrived(channel);
    }

    /** The channel's ticket, which counts it from the first call on: a listener calls it before it accepts the next one. */
    Ticket arrived(Channel channel) {
        Ticket known = channel.attr(TICKET).get();
        if (known != null) {
            return known;
        }
        Ticket ticket = new Ticket(this);
        accepted.increment();
        connections.incrementAndGet();
        handshakes.incrementAndGet();
        channel.attr(TICKET).set(ticket);
        channel.closeFuture().addListener(closed -> {
            ticket.release();
            wake();
        });
        return ticket;
    }

    /** A trusted proxy told whom the connection is for: that source is counted and checked as if it had come itself. */
    public static Optional<Refused> attribute(Channel channel, Peer peer) {
        Ticket ticket = channel.attr(TICKET).get();
        return ticket == null ? Optional.empty() : ticket.admission.attribute(ticket, peer);
    }

    private Optional<Refused> attribute(Ticket ticket, Peer peer) {
        if (peer.isLocal() || ticket.settled || ticket.source != null) {
            return Optional.empty();
        }
        Source source = enter(key(peer));
        ticket.source = source;
        return check(source);
    }

    /** Counted while the table holds the key, so that no sweep takes the source away in between. */
    private Source enter(Long key) {
        return sources.compute(key, (k, known) -> {
            Source source = known == null ? new Source() : known;
            source.connections.incrementAndGet();
            source.handshakes.incrementAndGet();
            return source;
        });
    }

    private Optional<Refused> check(Source source) {
        int held = source.connections.get();
        int pending = source.handshakes.get();
        if (source.penalised(nanos.getAsLong())) {
            return over(Refusal.DENIED, "penalty: source misbehaved");
        }
        if (limits.acceptRate() > 0 && !source.accept(limits.acceptRate(), nanos.getAsLong())) {
            return over(Refusal.OVERLOADED, "limit acceptRate: " + limits.acceptRate() + " a second");
        }
        if (held > limits.connectionsPerSource()) {
            return over(Refusal.OVERLOADED, "limit connectionsPerSource: " + limits.connectionsPerSource());
        }
        if (pending > limits.handshakesPerSource()) {
            return over(Refusal.OVERLOADED, "limit handshakesPerSource: " + limits.handshakesPerSource());
        }
        return handshakes.get() > limits.handshakes()
                ? over(Refusal.OVERLOADED, "limit handshakes: " + limits.handshakes())
                : Optional.empty();
    }

    private static Optional<Refused> over(Refusal reason, String text) {
        return Optional.of(Refused.because(reason, text));
    }

    /** The connection's intent is known: it no longer counts as a handshake. */
    public static void settled(Channel channel) {
        for (Channel at = channel; at != null; at = at.parent()) {
            Ticket ticket = at.hasAttr(TICKET) ? at.attr(TICKET).get() : null;
            if (ticket != null) {
                ticket.settle();
                return;
            }
        }
    }

    /** Books a misbehaviour of a source that is not local (L5). */
    public void penalise(Peer peer, Refusal reason) {
        long penalty = SECOND
                * switch (reason) {
                    case MALFORMED, UNAUTHENTICATED -> 5;
                    case TIMED_OUT -> 10;
                    case INTERNAL -> 90;
                    case DENIED,
                            NO_ROUTE,
                            UNRESOLVED,
                            UNREACHABLE,
                            CONNECTION_REFUSED,
                            UPSTREAM_IDENTITY,
                            OVERLOADED,
                            LOOP,
                            DRAINING -> 0;
                };
        if (penalty == 0 || peer.isLocal()) {
            return;
        }
        boolean room = sources.size() < MAX_SOURCES;
        sources.compute(key(peer), (k, known) -> {
            Source source = known == null && room ? new Source() : known;
            if (source != null) {
                source.punish(penalty, nanos.getAsLong());
            }
            return source;
        });
    }

    /** Forgets sources without connections and penalties; the app calls it now and then. */
    public void sweep() {
        long now = nanos.getAsLong();
        for (Long key : sources.keySet()) {
            sources.computeIfPresent(
                    key, (k, source) -> source.connections.get() == 0 && source.innocent(now) ? null : source);
        }
    }

    /** IPv4 by address, IPv6 by /64. */
    private static long key(Peer peer) {
        byte[] bytes = Ip.bytes(((InetSocketAddress) peer.remote()).getAddress());
        long key = 0;
        for (byte b : Arrays.copyOf(bytes, Math.min(8, bytes.length))) {
            key = key << 8 | b & 0xFF;
        }
        return bytes.length == 4 ? key | 1L << 63 : key;
    }

    /** One source's connections and how long it must wait. */
    private static final class Source {
        private final AtomicInteger connections = new AtomicInteger();
        private final AtomicInteger handshakes = new AtomicInteger();
        private double recent;
        private long seen;
        private long until;
        private boolean guilty;
        private boolean enforced;

        /** A leaky bucket that holds one second's worth. */
        synchronized boolean accept(int perSecond, long now) {
            double leaked = (double) Math.max(0, now - seen) / SECOND * perSecond;
            recent = Math.max(0, recent - leaked);
            seen = now;
            if (recent + 1 > perSecond) {
                return false;
            }
            recent++;
            return true;
        }

        /** Penalties add up; from 15 s on they are enforced, and then to their end. */
        synchronized void punish(long penalty, long now) {
            long from = guilty && until - now > 0 ? until : now;
            enforced &= from != now;
            until = from + Math.min(penalty, now + LONGEST - from);
            guilty = true;
            enforced |= until - now >= ENFORCED;
        }

        synchronized boolean penalised(long now) {
            return enforced && until - now > 0;
        }

        synchronized boolean innocent(long now) {
            return !guilty || until - now <= 0;
        }
    }

    /** What one connection holds; released once, settled at most once. Touched on the connection's loop only. */
    static final class Ticket {
        private final Admission admission;
        private @Nullable Source source;
        private boolean settled;

        Ticket(Admission admission) {
            this.admission = admission;
        }

        void settle() {
            if (!settled) {
                settled = true;
                admission.handshakes.decrementAndGet();
                if (source != null) {
                    source.handshakes.decrementAndGet();
                }
            }
        }

        void release() {
            settle();
            admission.connections.decrementAndGet();
            if (source != null) {
                source.connections.decrementAndGet();
            }
        }
    }
}
