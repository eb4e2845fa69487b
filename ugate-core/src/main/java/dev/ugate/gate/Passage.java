package dev.ugate.gate;

import dev.ugate.model.Carrier;
import dev.ugate.model.Decision;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.model.Shape;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Ingress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The life of one stream on its way out, the only procedure in the middle: policy, route, discovery, balance; then for each endpoint
 * policy on the address, and the dial. Lives on one loop.
 */
final class Passage {
    private static final AttributeKey<Passage> KEY = AttributeKey.valueOf("ugate.passage");
    private static final List<Carrier> UDP = List.of(Carrier.of("udp"));

    private final Outbound outbound;
    private final Plan plan;
    private final Intent intent;
    private final Optional<Ingress> ingress;
    private final EventLoop loop;
    private final Promise<Channel> promise;
    private @Nullable Route route;
    private @Nullable Endpoint endpoint;
    private @Nullable Future<Channel> dialling;

    Passage(Outbound outbound, Plan plan, Intent intent, Optional<Ingress> ingress, EventLoop loop) {
        this.outbound = outbound;
        this.plan = plan;
        this.intent = intent;
        this.ingress = ingress;
        this.loop = loop;
        this.promise = loop.newPromise();
        promise.addListener(done -> {
            if (done.isCancelled() && dialling != null) {
                dialling.cancel(false);
            }
        });
    }

    /** The passage that a dialled channel, or the parent of this child, came by. */
    static Optional<Passage> of(Channel upstream) {
        for (Channel at = upstream; at != null; at = at.parent()) {
            Passage passage = at.attr(KEY).get();
            if (passage != null) {
                return Optional.of(passage);
            }
        }
        return Optional.empty();
    }

    String routeName() {
        return route == null ? Plan.NO_ROUTE : route.name();
    }

    Optional<String> endpointText() {
        return Optional.ofNullable(endpoint).map(Endpoint::toString);
    }

    Future<Channel> begin() {
        try {
            Route.Forward forward = Verdicts.forward(plan, intent, ingress, chosen -> route = chosen);
            Destinations.resolve(plan.discovery(), intent, forward, ingress).whenComplete((stages, failure) -> {
                if (loop.inEventLoop()) {
                    resolved(stages, failure);
                } else {
                    loop.execute(() -> resolved(stages, failure));
                }
            });
        } catch (Refused refused) {
            promise.setFailure(refused);
        }
        return promise;
    }

    private void resolved(@Nullable Destinations destinations, @Nullable Throwable failure) {
        if (promise.isDone()) {
            return;
        }
        if (destinations == null) {
            promise.setFailure(
                    named(Failures.refused(failure == null ? new IllegalStateException("no answer") : failure)));
            return;
        }
        List<Endpoint> order = new ArrayList<>();
        for (List<Endpoint> stage : destinations.stages()) {
            order.addAll(outbound.balancer().order(stage, destinations.balance()));
        }
        next(order.iterator(), null);
    }

    private void next(Iterator<Endpoint> rest, @Nullable Refused last) {
        if (promise.isDone()) {
            return;
        }
        if (!rest.hasNext()) {
            promise.setFailure(named(
                    last == null
                            ? Refused.because(Refusal.UNRESOLVED, "resolve " + intent.target() + ": no endpoint")
                            : last));
            return;
        }
        Endpoint candidate = rest.next();
        endpoint = candidate;
        try {
            attempt(candidate, rest);
        } catch (Refused refused) {
            next(rest, refused.in("endpoint " + candidate));
        }
    }

    private void attempt(Endpoint candidate, Iterator<Endpoint> rest) {
        Endpoint allowed = candidate.withAddresses(dialable(candidate));
        if (intent.shape() == Shape.DATAGRAMS && candidate.via().equals(List.of(Carrier.TCP))) {
            allowed = new Endpoint(
                    candidate.host(),
                    allowed.addresses(),
                    UDP,
                    candidate.identity(),
                    candidate.weight(),
                    candidate.trusted());
        }
        Balancer.Load load = outbound.balancer().load(candidate);
        long begun = outbound.now();
        long deadline = System.nanoTime() + plan.timeouts().connect().toNanos();
        load.dialling();
        dialling = outbound.transports().dial(new Dial(intent, allowed, deadline), loop);
        dialling.addListener(done -> {
            if (done.isSuccess()) {
                load.dialled(outbound.now() - begun, outbound.now());
                connected((Channel) done.getNow(), candidate, load);
            } else {
                load.failed();
                if (!done.isCancelled()) {
                    outbound.ejections().failed(candidate.host());
                    next(rest, Failures.refused(done.cause()).in("endpoint " + candidate));
                }
            }
        });
    }

    /** The addresses that policy lets this peer reach; fails when none is left. */
    private List<SocketAddress> dialable(Endpoint candidate) {
        List<SocketAddress> allowed = new ArrayList<>(candidate.addresses().size());
        Refused last = Refused.because(Refusal.UNRESOLVED, "no address");
        for (SocketAddress address : candidate.addresses()) {
            Decision decision = plan.policy().judge(intent, address, candidate.trusted());
            if (!decision.allowed()) {
                last = Refused.because(Refusal.DENIED, "policy: rule " + decision.rule() + " denies " + address);
            } else if (outbound.own().reachedBy(address, intent.shape())) {
                last = Refused.because(Refusal.LOOP, address + " is one of our own listeners");
            } else {
                allowed.add(address);
            }
        }
        if (allowed.isEmpty()) {
            throw last;
        }
        return allowed;
    }

    private void connected(Channel channel, Endpoint candidate, Balancer.Load load) {
        outbound.ejections().succeeded(candidate.host());
        channel.attr(KEY).set(this);
        load.opened();
        channel.closeFuture().addListener(closed -> load.closed());
        if (!promise.trySuccess(channel)) {
            channel.close();
        }
    }

    private Refused named(Refused why) {
        return route == null ? why : why.in("route " + route.name());
    }
}
