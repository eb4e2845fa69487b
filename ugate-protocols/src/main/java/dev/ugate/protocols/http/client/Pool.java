package dev.ugate.protocols.http.client;

import dev.ugate.model.Endpoint;
import dev.ugate.model.Identity;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The upstream connections of one loop, for requests or for tunnels of the mesh. One timer ends those that were idle for too long. */
final class Pool {
    /** How much longer than its limit an idle connection may live. */
    private static final long SWEEP_SECONDS = 5;

    private static final int MOST = 256;

    private final Transport below;
    private final Supplier<Settings> settings;
    private final RequestCounts counts;
    private final boolean mesh;
    private final Map<PoolKey, Connections> byKey = new HashMap<>();

    /** What an endpoint came to lately: most requests ask for the very same object as the one before. */
    private final IdentityHashMap<Endpoint, Lately> lately = new IdentityHashMap<>();

    private boolean sweeping;

    /** The rest of a {@link PoolKey} that an endpoint does not say, what is dialled for it, and where. */
    private record Lately(
            Optional<Identity> source, Optional<String> workload, Endpoint endpoint, Connections connections) {
        boolean fits(Dial dial) {
            return workload.equals(dial.workload())
                    && source.equals(dial.intent().peer().identity());
        }
    }

    Pool(Transport below, Supplier<Settings> settings, RequestCounts counts, boolean mesh) {
        this.below = below;
        this.settings = settings;
        this.counts = counts;
        this.mesh = mesh;
    }

    /** A place for one request, at once when a connection has one; {@code lower} tells what is to be dialled for it. */
    Future<Channel> lease(Dial dial, UnaryOperator<Dial> lower, EventLoop loop) {
        Lately before = lately.get(dial.endpoint());
        if (before != null && before.fits(dial)) {
            return before.connections.lease(dial.to(before.endpoint));
        }
        Dial under = lower.apply(dial);
        PoolKey key = PoolKey.of(under);
        Connections connections = byKey.get(key);
        if (connections == null) {
            connections = new Connections(new Connections.Means(below, settings, counts, loop, mesh), under.endpoint());
            byKey.put(key, connections);
            beginToSweep(loop);
        }
        if (key.peer().isEmpty()) {
            keep(dial.endpoint(), new Lately(key.source(), key.workload(), under.endpoint(), connections));
        }
        return connections.lease(under);
    }

    private void keep(Endpoint asked, Lately found) {
        if (lately.size() >= MOST) {
            lately.clear();
        }
        lately.put(asked, found);
    }

    private void beginToSweep(EventLoop loop) {
        if (!sweeping) {
            sweeping = true;
            loop.schedule(() -> sweep(loop), SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private Duration idle() {
        return mesh
                ? settings.get().limits().mesh().meshIdle()
                : settings.get().timeouts().exchange().upstreamIdle();
    }

    private void sweep(EventLoop loop) {
        sweeping = false;
        lately.clear();
        long since = loop.ticker().nanoTime() - idle().toNanos();
        for (Iterator<Connections> all = byKey.values().iterator(); all.hasNext(); ) {
            Connections one = all.next();
            one.retireIdle(since);
            if (one.isEmpty()) {
                all.remove();
            }
        }
        if (!byKey.isEmpty()) {
            beginToSweep(loop);
        }
    }
}
