package dev.ugate.gate;

import dev.ugate.model.Intent;
import dev.ugate.net.EarlyReads;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Dialer;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Request;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The whole way out: policy, route, discovery, balance, transport. The gate and library users dial through the same object. */
public final class Outbound implements Dialer {
    private final Snapshot<Plan> plan;
    private final Snapshot<OwnAddresses> own;
    private final Transport transports;
    private final Ejections ejections;
    private final LongSupplier nanos;
    private final FastThreadLocal<Balancer> balancers;
    private final FastThreadLocal<Destinations.Known> known = new FastThreadLocal<>() {
        @Override
        protected Destinations.Known initialValue() {
            return new Destinations.Known();
        }
    };

    public Outbound(
            Snapshot<Plan> plan,
            Snapshot<OwnAddresses> own,
            Transport transports,
            Ejections ejections,
            LongSupplier nanos) {
        this.plan = plan;
        this.own = own;
        this.transports = transports;
        this.ejections = ejections;
        this.nanos = nanos;
        this.balancers = new FastThreadLocal<>() {
            @Override
            protected Balancer initialValue() {
                return new Balancer(ejections, nanos);
            }
        };
    }

    @Override
    public Future<Channel> dial(Intent intent, EventLoop loop) {
        if (loop.inEventLoop()) {
            return passage(intent, Optional.empty(), loop).begin();
        }
        var promise = loop.<Channel>newPromise();
        loop.execute(() -> dial(intent, loop, promise));
        return promise;
    }

    @Override
    public Future<Channel> dial(Intent intent, Request request) {
        Channel body = request.body();
        Optional<Ingress> ingress = Connection.find(body).map(Connection::ingress);
        Passage passage = passage(intent, ingress, body.eventLoop());
        Account.Trail trail = Account.Trail.on(body);
        trail.tries(passage, Request.attempts(body));
        passage.along(trail);
        Future<Channel> way = passage.begin();
        if (!way.isDone()) {
            way.addListener(done -> {
                if (done.isCancelled() && request.isLate()) {
                    passage.late();
                }
            });
        }
        return way;
    }

    /** For a caller on another thread: what the upstream says before the caller reads is kept. */
    private void dial(Intent intent, EventLoop loop, Promise<Channel> promise) {
        Future<Channel> way = passage(intent, Optional.empty(), loop).begin();
        promise.addListener(done -> {
            if (done.isCancelled()) {
                way.cancel(false);
            }
        });
        way.addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(done.cause());
                return;
            }
            EarlyReads.on(way.getNow());
            if (!promise.trySuccess(way.getNow())) {
                way.getNow().close();
            }
        });
    }

    /** The intent to judge and to serve of one that came by this listener; throws {@link dev.ugate.model.Refused}. */
    Intent settle(Intent intent, Ingress ingress) {
        return Arrivals.settle(plan.read(), own.read(), intent, ingress);
    }

    /** One stream's way, for the listener it came by; must be called on {@code loop}. */
    Passage passage(Intent intent, Optional<Ingress> ingress, EventLoop loop) {
        Plan now = plan.read();
        return new Passage(this, now, now.border().named(intent), ingress, loop);
    }

    Plan plan() {
        return plan.read();
    }

    OwnAddresses own() {
        return own.read();
    }

    Transport transports() {
        return transports;
    }

    Ejections ejections() {
        return ejections;
    }

    Balancer balancer() {
        return balancers.get();
    }

    /** What streams of this loop asked before. */
    Destinations.Known known() {
        return known.get();
    }

    long now() {
        return nanos.getAsLong();
    }
}
