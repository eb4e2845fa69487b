package dev.ugate.protocols.http.client;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.protocols.http.client.RequestCounts.Event;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.function.Supplier;

/** A connection of the mesh for one stream alone: it is dialled for that stream and ends with it. */
final class Lone implements Upstream.Keeper {
    private final Transport below;
    private final Supplier<Settings> settings;
    private final RequestCounts counts;

    Lone(Transport below, Supplier<Settings> settings, RequestCounts counts) {
        this.below = below;
        this.settings = settings;
        this.counts = counts;
    }

    /** Its only place. */
    Future<Channel> lease(Dial dial, EventLoop loop) {
        Promise<Channel> place = loop.newPromise();
        Future<Channel> way = below.dial(Versions.offered(dial), loop);
        place.addListener(done -> {
            if (done.isCancelled()) {
                way.cancel(false);
            }
        });
        way.addListener(done -> {
            if (!done.isSuccess()) {
                place.tryFailure(Failures.refused(done.cause()));
            } else if (place.isDone()) {
                way.getNow().close();
            } else {
                opened(dial, way.getNow(), loop, place);
            }
        });
        return place;
    }

    private void opened(Dial dial, Channel channel, EventLoop loop, Promise<Channel> place) {
        try {
            Connections.Means means = new Connections.Means(below, settings, counts, loop, true);
            Upstream connection = Versions.connection(dial.endpoint(), channel, means, this);
            counts.add(Event.DIALLED);
            connection.begin();
            if (connection.places() == 0) {
                throw Refused.because(Refusal.UNREACHABLE, "upstream: went away at once");
            }
            Channel only = connection.lease();
            only.closeFuture().addListener(closed -> connection.retire());
            place.trySuccess(only);
        } catch (Refused refused) {
            channel.close();
            place.tryFailure(refused);
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
