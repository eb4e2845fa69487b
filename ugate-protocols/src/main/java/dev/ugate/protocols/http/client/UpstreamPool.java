package dev.ugate.protocols.http.client;

import dev.ugate.model.Endpoint;
import dev.ugate.model.Identity;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.net.pool.Connections;
import dev.ugate.net.pool.Pool;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The upstream connections of one loop, for requests or for tunnels of the mesh. */
final class UpstreamPool {
    private static final int MOST = 256;

    private final Pool<PoolKey, Upstream, Channel> pool;

    /** What an endpoint came to lately: most requests ask for the very same object as the one before. */
    private final IdentityHashMap<Endpoint, Lately> lately = new IdentityHashMap<>();

    /** The rest of a {@link PoolKey} that an endpoint does not say, what is dialled for it, and where. */
    private record Lately(
            Optional<Identity> source,
            Optional<String> workload,
            Endpoint endpoint,
            Connections<Upstream, Channel> connections) {
        boolean fits(Dial dial) {
            return !connections.isClosed()
                    && workload.equals(dial.workload())
                    && source.equals(dial.intent().peer().identity());
        }
    }

    UpstreamPool(Upstreams upstreams, RequestCounts counts) {
        this.pool = new Pool<>(upstreams, upstreams.settings(), () -> idle(upstreams), counts);
    }

    private static Duration idle(Upstreams upstreams) {
        Settings settings = upstreams.settings().get();
        return upstreams.mesh()
                ? settings.limits().mesh().meshIdle()
                : settings.timeouts().exchange().upstreamIdle();
    }

    /** A place for one request, at once when a connection has one; {@code lower} tells what is to be dialled for it. */
    Future<Channel> lease(Dial dial, UnaryOperator<Dial> lower, EventLoop loop) {
        if (Versions.isAlone(dial)) {
            Dial under = lower.apply(dial);
            Dial alone = under.to(under.endpoint().withHttp(HttpVersion.HTTP_1_1));
            return pool.of(PoolKey.of(alone), alone, loop).lease(alone);
        }
        Lately before = lately.get(dial.endpoint());
        if (before != null && before.fits(dial)) {
            return before.connections.lease(dial.to(before.endpoint));
        }
        Dial under = lower.apply(dial);
        PoolKey key = PoolKey.of(under);
        Connections<Upstream, Channel> connections = pool.of(key, under, loop);
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
}
