package dev.ugate.protocols.http.client;

import dev.ugate.model.Endpoint;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.pool.Connections;
import dev.ugate.net.pool.Shared;
import dev.ugate.net.tls.TunnelEnd;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.function.Supplier;

/** Makes connections to upstreams; {@code mesh} where they carry the tunnels of the mesh. */
record Upstreams(Transport below, Supplier<Settings> settings, boolean mesh)
        implements Connections.Kind<Upstream, Channel> {
    @Override
    public Future<Upstream> dial(Dial dial, EventLoop loop, Shared.Keeper<Upstream> keeper) {
        Promise<Upstream> promise = loop.newPromise();
        Future<Channel> way = below.dial(Versions.offered(dial), loop);
        promise.addListener(done -> {
            if (done.isCancelled()) {
                way.cancel(false);
            }
        });
        way.addListener(done -> {
            if (!way.isSuccess()) {
                promise.tryFailure(way.cause());
            } else if (promise.isDone()) {
                way.getNow().close();
            } else {
                opened(dial.endpoint(), way.getNow(), promise, keeper);
            }
        });
        return promise;
    }

    private void opened(Endpoint endpoint, Channel channel, Promise<Upstream> promise, Shared.Keeper<Upstream> keeper) {
        if (!channel.isActive()) {
            promise.tryFailure(Refused.because(Refusal.UNREACHABLE, "upstream: went away at once"));
            return;
        }
        TunnelEnd.below(channel);
        try {
            promise.trySuccess(Versions.connection(endpoint, channel, this, keeper));
        } catch (Refused refused) {
            channel.close();
            promise.tryFailure(refused);
        }
    }

    @Override
    public boolean mayShare(Endpoint endpoint) {
        return Versions.mayShare(endpoint);
    }

    @Override
    public boolean isShared(Upstream connection) {
        return Versions.isShared(connection);
    }

    @Override
    public void giveBack(Channel place) {
        place.close();
    }
}
