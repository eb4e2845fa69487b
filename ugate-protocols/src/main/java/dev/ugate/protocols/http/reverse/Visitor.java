package dev.ugate.protocols.http.reverse;

import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.net.reverse.Bridge;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.http.client.TunnelFields;
import dev.ugate.protocols.http.h2.ClientConnection;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A node that came to us and is reached through its own connection: in the bytes of its tunnel we are the client of HTTP/2. Its names are
 * served from its first SETTINGS on, which show that it lives, until it leaves or falls silent. Lives on the tunnel's loop.
 */
final class Visitor implements Transport, Upstream.Keeper {
    private static final String NOUN = "reverse";

    private final Channel tunnel;
    private final Reverse.Tunnel place;
    private final ClientConnection connection;

    /** Throws {@link Refused} where {@code owner} cannot have these names at {@code reverse}. */
    Visitor(Channel tunnel, Reverse reverse, Identity owner, List<String> names) {
        this.tunnel = tunnel;
        this.place = reverse.open(owner, names, this::leave);
        Settings settings = Pace.of(Connection.of(tunnel).ingress().settings());
        this.connection = new ClientConnection(tunnel, () -> settings, this, true);
    }

    /** The outer connection has told the node (GOAWAY) and ends with the tunnel, which ends with the last stream in it. */
    private void leave() {
        tunnel.eventLoop().execute(() -> connection.retire());
    }

    void begin() {
        tunnel.closeFuture().addListener(closed -> place.close());
        connection.begin();
    }

    @Override
    public void known(Upstream upstream) {
        try {
            place.serve(this);
        } catch (Refused taken) {
            Connection visitor = Connection.of(tunnel);
            visitor.ingress().settings().journal().failed(visitor, ReverseGate.PROTOCOL, taken);
            tunnel.close();
        }
    }

    @Override
    public void freed(Upstream upstream) {
        // Nobody waits: a stream that finds no place is refused.
    }

    @Override
    public void gone(Upstream upstream) {
        place.close();
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        EventLoop own = tunnel.eventLoop();
        return own == loop ? open(dial, own) : Bridge.across(own, loop, () -> open(dial, own));
    }

    private Future<Channel> open(Dial dial, EventLoop loop) {
        if (connection.leaves()) {
            return loop.newFailedFuture(Refused.untouched(Refusal.DRAINING, NOUN + ": the node leaves"));
        }
        if (connection.places() == 0) {
            return loop.newFailedFuture(
                    Refused.because(Refusal.OVERLOADED, NOUN + ": no stream is free: the node takes no more"));
        }
        Promise<Channel> promise = loop.newPromise();
        Future<Channel> way =
                connection.tunnel(dial.endpoint().host(), Optional.empty(), TunnelFields.of(dial, Optional.empty()));
        var timer = loop.schedule(
                () -> promise.tryFailure(
                        Refused.because(Refusal.TIMED_OUT, NOUN + ": limit connect: no answer in time")),
                Math.max(0, dial.deadline() - System.nanoTime()),
                TimeUnit.NANOSECONDS);
        promise.addListener(done -> {
            timer.cancel(false);
            if (!done.isSuccess()) {
                way.cancel(false);
            }
        });
        way.addListener(done -> {
            if (!way.isSuccess()) {
                promise.tryFailure(
                        way.isCancelled()
                                ? way.cause()
                                : Failures.refused(way.cause()).in(NOUN));
            } else if (!promise.trySuccess(way.getNow())) {
                way.getNow().close();
            }
        });
        return promise;
    }
}
