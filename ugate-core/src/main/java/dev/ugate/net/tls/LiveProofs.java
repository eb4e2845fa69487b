package dev.ugate.net.tls;

import dev.ugate.model.Identity;
import dev.ugate.model.Identity.End;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Listener;
import dev.ugate.net.Reset;
import io.netty.channel.Channel;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The live connections of the mesh, accepted and dialled, and what the far end of each proved. One whose certificate is over begins
 * nothing new, and ends {@link #SKEW} later unless the same identity proved itself with a newer one meanwhile; one that is revoked ends at
 * once (T24). Shared by all loops.
 */
public final class LiveProofs {
    /** L43: what clocks may differ by. */
    public static final Duration SKEW = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(LiveProofs.class);

    private final InstantSource clock;
    private final Acquaintance acquaintance;
    private final Set<Live> live = ConcurrentHashMap.newKeySet();
    private final Map<Identity, Newest> newest = new ConcurrentHashMap<>();
    private final Map<Cut, LongAdder> cuts = new EnumMap<>(Cut.class);
    private volatile Predicate<List<X509Certificate>> revoked = chain -> false;

    /** Why a live connection was ended. */
    public enum Cut {
        EXPIRED,
        REVOKED
    }

    /**
     * What a handshake proved.
     *
     * @param chain leaf first
     * @param end which end of the handshake the far end is: a client on accepted connections
     */
    public record Proof(Identity identity, List<X509Certificate> chain, End end) {
        public Proof {
            chain = List.copyOf(chain);
        }

        public Instant notAfter() {
            return chain.get(0).getNotAfter().toInstant();
        }
    }

    /** A connection; {@code draining} belongs to the thread that sweeps. */
    private static final class Live {
        private final Channel channel;
        private final Proof proof;
        private boolean draining;

        Live(Channel channel, Proof proof) {
            this.channel = channel;
            this.proof = proof;
        }

        void drain() {
            if (!draining) {
                draining = true;
                channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(Listener.DRAINING));
            }
        }
    }

    /** How many connections an identity has, and until when its newest certificate is good. */
    private record Newest(int connections, Instant until) {
        Newest and(Newest other) {
            return new Newest(connections + other.connections, until.isBefore(other.until) ? other.until : until);
        }

        @Nullable
        Newest less() {
            return connections == 1 ? null : new Newest(connections - 1, until);
        }
    }

    /** Whoever wants to know whom this node is connected to. */
    @FunctionalInterface
    public interface Acquaintance {
        /** A far end proved itself; what comes back is run when that connection is gone. On any thread. */
        Runnable met(Proof proof);
    }

    public LiveProofs(InstantSource clock) {
        this(clock, proof -> () -> {});
    }

    public LiveProofs(InstantSource clock, Acquaintance acquaintance) {
        this.clock = clock;
        this.acquaintance = acquaintance;
        for (Cut cut : Cut.values()) {
            cuts.put(cut, new LongAdder());
        }
    }

    /** Watches a connection from its handshake to its close; on any thread. */
    public void add(Channel channel, Proof proof) {
        Live connection = new Live(channel, proof);
        newest.merge(proof.identity(), new Newest(1, proof.notAfter()), Newest::and);
        live.add(connection);
        Runnable parted = acquaintance.met(proof);
        channel.closeFuture().addListener(closed -> {
            gone(connection);
            parted.run();
        });
        // Behind the entry: a revocation since the handshake has either seen the one or is seen here.
        if (revoked.test(proof.chain())) {
            cut(connection, Cut.REVOKED);
        }
    }

    private void gone(Live connection) {
        live.remove(connection);
        newest.computeIfPresent(connection.proof.identity(), (same, known) -> known.less());
    }

    /** From now on chains that {@code which} accepts are revoked, those of live connections too; on any thread. */
    public void revoke(Predicate<List<X509Certificate>> which) {
        revoked = which;
        for (Live connection : live) {
            if (which.test(connection.proof.chain())) {
                cut(connection, Cut.REVOKED);
            }
        }
    }

    /** Ends what is over; one thread asks, about once a second, so that a clock that is set counts at once. */
    public void sweep() {
        Instant now = clock.instant();
        for (Live connection : live) {
            Newest known = newest.get(connection.proof.identity());
            if (known != null && now.isAfter(known.until.plus(SKEW))) {
                cut(connection, Cut.EXPIRED);
            } else if (now.isAfter(connection.proof.notAfter())) {
                connection.drain();
            }
        }
    }

    private void cut(Live connection, Cut why) {
        // Not done yet when the next sweep comes.
        if (!live.remove(connection)) {
            return;
        }
        Proof proof = connection.proof;
        String text = why == Cut.EXPIRED ? "certificate expired" : "certificate revoked";
        cuts(why).increment();
        LOG.atInfo()
                .addKeyValue("identity", proof.identity())
                .addKeyValue("serial", proof.chain().get(0).getSerialNumber().toString(16))
                .addKeyValue("reason", text)
                .log("mesh connection ended");
        Refused told = Refused.because(Refusal.DENIED, "mesh: " + text);
        connection.channel.eventLoop().execute(() -> Reset.close(connection.channel, told));
    }

    private LongAdder cuts(Cut why) {
        return Objects.requireNonNull(cuts.get(why));
    }

    /** Live connections whose far end is that end of the handshake. */
    public long count(End end) {
        return live.stream().filter(connection -> connection.proof.end() == end).count();
    }

    /** Connections ended so far. */
    public long ended(Cut why) {
        return cuts(why).sum();
    }
}
