package dev.ugate.protocols.http.client;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.net.pool.RequestCounts.Event;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Dial;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/** A connection of the mesh for one stream alone: it is dialled for that stream and ends with it. */
final class Lone implements Upstream.Keeper {
    private final Upstreams upstreams;
    private final RequestCounts counts;

    Lone(Upstreams upstreams, RequestCounts counts) {
        this.upstreams = upstreams;
        this.counts = counts;
    }

    /** Its only place. */
    Future<Channel> lease(Dial dial, EventLoop loop) {
        Promise<Channel> place = loop.newPromise();
        Future<Upstream> way = upstreams.dial(dial, loop, this);
        place.addListener(done -> {
            if (done.isCancelled()) {
                way.cancel(false);
            }
        });
        way.addListener(done -> {
            if (!done.isSuccess()) {
                place.tryFailure(Failures.refused(done.cause()));
            } else {
                opened(way.getNow(), place);
            }
        });
        return place;
    }

    private void opened(Upstream connection, Promise<Channel> place) {
        counts.add(Event.DIALLED);
        connection.begin();
        if (connection.places() == 0) {
            connection.retire();
            place.tryFailure(Refused.because(Refusal.UNREACHABLE, "upstream: went away at once"));
            return;
        }
        Channel only = connection.lease();
        only.closeFuture().addListener(closed -> connection.retire());
        if (!place.trySuccess(only)) {
            only.close();
        }
    }

    @Override
    public void freed(Upstream upstream) {
        // Nobody waits.
    }

    @Override
    public void gone(Upstream upstream) {
        counts.add(Event.CLOSED);
    }
}
