package dev.ugate.protocols.http.client;

import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The upstream connections of one loop. One timer ends those that were idle for too long. */
final class Pool {
    /** How much longer than its limit an idle connection may live. */
    private static final long SWEEP_SECONDS = 5;

    private final Transport below;
    private final Supplier<Settings> settings;
    private final RequestCounts counts;
    private final Map<PoolKey, Connections> byKey = new HashMap<>();
    private boolean sweeping;

    Pool(Transport below, Supplier<Settings> settings, RequestCounts counts) {
        this.below = below;
        this.settings = settings;
        this.counts = counts;
    }

    /** A place for one request, at once when a connection has one. */
    Future<Channel> lease(Dial dial, EventLoop loop) {
        PoolKey key = PoolKey.of(dial);
        Connections connections = byKey.get(key);
        if (connections == null) {
            connections = new Connections(new Connections.Means(below, settings, counts, loop), dial.endpoint());
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

    private void sweep(EventLoop loop) {
        sweeping = false;
        long since = loop.ticker().nanoTime()
                - settings.get().timeouts().exchange().upstreamIdle().toNanos();
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
