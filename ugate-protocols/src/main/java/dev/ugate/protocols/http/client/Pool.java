package dev.ugate.protocols.http.client;

import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The upstream connections of one loop, for requests or for tunnels of the mesh. One timer ends those that were idle for too long. */
final class Pool {
    /** How much longer than its limit an idle connection may live. */
    private static final long SWEEP_SECONDS = 5;

    private final Transport below;
    private final Supplier<Settings> settings;
    private final RequestCounts counts;
    private final boolean mesh;
    private final Map<PoolKey, Connections> byKey = new HashMap<>();
    private boolean sweeping;

    Pool(Transport below, Supplier<Settings> settings, RequestCounts counts, boolean mesh) {
        this.below = below;
        this.settings = settings;
        this.counts = counts;
        this.mesh = mesh;
    }

    /** A place for one request, at once when a connection has one. */
    Future<Channel> lease(Dial dial, EventLoop loop) {
        PoolKey key = PoolKey.of(dial);
        Connections connections = byKey.get(key);
        if (connections == null) {
            connections = new Connections(new Connections.Means(below, settings, counts, loop, mesh), dial.endpoint());
            byKey.put(key, connections);
            beginToSweep(loop);
        }
        return connections.lease(dial);
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
