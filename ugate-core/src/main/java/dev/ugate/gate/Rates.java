package dev.ugate.gate;

import dev.ugate.model.Identity;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** A token bucket of streams for each identity, or for each source address without one; burst is one second's worth. */
public final class Rates {
    private static final int MAX_PARTIES = 65_536;
    private static final double SECOND = 1e9;

    private final LongSupplier nanos;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    public Rates(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Takes one token of {@code perSecond}, 0 for no limit; throws {@link Refused} OVERLOADED when there is none. */
    public void take(Peer peer, int perSecond) {
        if (perSecond == 0) {
            return;
        }
        String party = peer.identity().map(Identity::name).orElseGet(() -> source(peer));
        if (buckets.size() >= MAX_PARTIES) {
            sweep();
        }
        if (!buckets.computeIfAbsent(party, k -> new Bucket(perSecond, nanos.getAsLong()))
                .take(perSecond, nanos.getAsLong())) {
            throw Refused.because(
                    Refusal.OVERLOADED,
                    "limit streamRate: " + party + ": expected at most " + perSecond + " streams a second");
        }
    }

    /** Forgets parties whose bucket has been full for long. */
    public void sweep() {
        long now = nanos.getAsLong();
        buckets.values().removeIf(bucket -> bucket.idle(now));
    }

    private static String source(Peer peer) {
        return peer.remote() instanceof InetSocketAddress inet && !inet.isUnresolved()
                ? Ip.text(inet.getAddress())
                : "unix";
    }

    /** One party's tokens. */
    private static final class Bucket {
        private double tokens;
        private long seen;

        Bucket(double tokens, long seen) {
            this.tokens = tokens;
            this.seen = seen;
        }

        synchronized boolean take(int perSecond, long now) {
            tokens = Math.min(perSecond, tokens + (now - seen) / SECOND * perSecond);
            seen = now;
            if (tokens < 1) {
                return false;
            }
            tokens--;
            return true;
        }

        synchronized boolean idle(long now) {
            return now - seen > 2 * SECOND;
        }
    }
}
