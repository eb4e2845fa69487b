package dev.ugate.protocols.http.client;

import dev.ugate.net.pool.RequestCounts;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import java.util.function.Supplier;

/** Connections that take requests: what {@code Carrier.REQUESTS} stands for. Each loop has a pool of its own. */
public final class Requests implements Transport {
    private final FastThreadLocal<UpstreamPool> pools;

    /** Dials connections through {@code below}; {@code settings} may change from one request to the next. */
    public Requests(Transport below, Supplier<Settings> settings, RequestCounts counts) {
        this.pools = new FastThreadLocal<>() {
            @Override
            protected UpstreamPool initialValue() {
                return new UpstreamPool(new Upstreams(below, settings, false), counts);
            }
        };
    }

    /** A channel with a {@code Lease}; must be called on {@code loop}. */
    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        return pools.get().lease(dial, Dial::below, loop);
    }
}
