package dev.ugate.net.pool;

import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The connections of one loop, by what may share them. One timer ends those that were idle for too long.
 *
 * @param <K> everything that must not be shared (T65)
 */
public final class Pool<K, C extends Shared<P>, P> {
    /** How much longer than its limit an idle connection may live. */
    private static final long SWEEP_SECONDS = 5;

    private final Connections.Kind<C, P> kind;
    private final Supplier<Settings> settings;
    private final Supplier<Duration> idle;
    private final RequestCounts counts;
    private final Map<K, Connections<C, P>> byKey = new HashMap<>();
    private boolean sweeping;

    /** {@code idle} is how long a connection is kept that nobody uses. */
    public Pool(
            Connections.Kind<C, P> kind, Supplier<Settings> settings, Supplier<Duration> idle, RequestCounts counts) {
        this.kind = kind;
        this.settings = settings;
        this.idle = idle;
        this.counts = counts;
    }

    /** Those that may serve the dial, which {@code key} is of. */
    public Connections<C, P> of(K key, Dial dial, EventLoop loop) {
        Connections<C, P> connections = byKey.get(key);
        if (connections == null) {
            connections = new Connections<>(new Connections.Means<>(kind, settings, counts, loop), dial.endpoint());
            byKey.put(key, connections);
            beginToSweep(loop);
        }
        return connections;
    }

    private void beginToSweep(EventLoop loop) {
        if (!sweeping) {
            sweeping = true;
            loop.schedule(() -> sweep(loop), SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void sweep(EventLoop loop) {
        sweeping = false;
        long since = loop.ticker().nanoTime() - idle.get().toNanos();
        for (Iterator<Connections<C, P>> all = byKey.values().iterator(); all.hasNext(); ) {
            Connections<C, P> one = all.next();
            one.retireIdle(since);
            if (one.isEmpty()) {
                one.close();
                all.remove();
            }
        }
        if (!byKey.isEmpty()) {
            beginToSweep(loop);
        }
    }
}
