package dev.ugate.gate;

import dev.ugate.model.Identity;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A token bucket of streams for each identity, or for each source (IPv4 address or IPv6 /64) without one; burst is one second's worth. */
public final class Rates {
    private static final int MAX_PARTIES = 65_536;
    private static final double SECOND = 1e9;
    private static final String OTHERS = "others";

    private final LongSupplier nanos;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final AtomicLong swept;

    public Rates(LongSupplier nanos) {
        this.nanos = nanos;
        this.swept = new AtomicLong(nanos.getAsLong());
    }

    /** Takes one token of {@code perSecond}, 0 for no limit; throws {@link Refused} OVERLOADED when there is none. */
    public void take(Peer peer, int perSecond) {
        if (perSecond == 0) {
            return;
        }
        String party = peer.identity().map(Identity::name).orElseGet(() -> source(peer));
        if (!bucket(party, perSecond).take(perSecond, nanos.getAsLong())) {
            throw Refused.because(
                    Refusal.OVERLOADED,
                    "limit streamRate: " + party + ": expected at most " + perSecond + " streams a second");
        }
    }

    /** When the table is full of busy parties, newcomers share one bucket. */
    private Bucket bucket(String party, int perSecond) {
        long now = nanos.getAsLong();
        if (buckets.size() >= MAX_PARTIES && now - swept.get() > SECOND) {
            swept.set(now);
            sweep();
        }
        String key = buckets.size() < MAX_PARTIES || buckets.containsKey(party) ? party : OTHERS;
        return buckets.computeIfAbsent(key, k -> new Bucket(perSecond, now));
    }

    /** Forgets parties whose bucket has been full for long. */
    public void sweep() {
        long now = nanos.getAsLong();
        buckets.values().removeIf(bucket -> bucket.idle(now));
    }

    private static String source(Peer peer) {
        if (!(peer.remote() instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            return "unix";
        }
        byte[] bytes = Ip.bytes(inet.getAddress());
        if (bytes.length == 4) {
            return Ip.text(inet.getAddress());
        }
        Arrays.fill(bytes, 8, 16, (byte) 0);
        return Ip.text(Ip.of(bytes)) + "/64";
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
