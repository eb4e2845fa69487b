package dev.ugate.gate;

import dev.ugate.gate.mesh.Crossing;
import dev.ugate.model.Carrier;
import dev.ugate.model.Decision;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.model.Shape;
import dev.ugate.model.http.ProxyError;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Dialer;
import dev.ugate.spi.Ingress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The life of one stream on its way out, the only procedure in the middle: policy, route, discovery, balance; then for each endpoint
 * policy on the address, and the dial. Lives on one loop.
 */
final class Passage {
    private static final List<Carrier> TCP = List.of(Carrier.TCP);
    private static final List<Carrier> UDP = List.of(Carrier.of("udp"));

    private static final long RESOLVE_GRACE_MILLIS = 500;

    private final Outbound outbound;
    private final Plan plan;
    private final Intent intent;
    private final Optional<Ingress> ingress;
    private final EventLoop loop;
    private final Promise<Channel> promise;
    private @Nullable Route route;
    private @Nullable Endpoint endpoint;
    private @Nullable Future<Channel> dialling;
    private @Nullable Ahead ahead;
    private Account.@Nullable Trail trail;

    /** The endpoints that are left to try. */
    private record Rest(Iterator<Endpoint> endpoints, Destinations from) {}

    Passage(Outbound outbound, Plan plan, Intent intent, Optional<Ingress> ingress, EventLoop loop) {
        this.outbound = outbound;
        this.plan = plan;
        this.intent = intent;
        this.ingress = ingress;
        this.loop = loop;
        this.promise = loop.newPromise();
    }

    /** The passage that a dialled channel, or the parent of this child, came by. */
    static Optional<Passage> of(Channel upstream) {
        for (Channel at = upstream; at != null; at = at.parent()) {
            if (at.hasAttr(Dialer.Outcome.KEY) && at.attr(Dialer.Outcome.KEY).get() instanceof Taken taken) {
                return Optional.of(taken.passage());
            }
        }
        return Optional.empty();
    }

    String routeName() {
        return route == null ? Plan.NO_ROUTE : route.name();
    }

    /** The endpoint that was taken, or is being tried. */
    Optional<Endpoint> endpoint() {
        return Optional.ofNullable(endpoint);
    }

    /** Was cancelled because it took too long, and not because nobody wants it: a failure of whom it waited for. */
    void late() {
        if (dialling != null && endpoint != null) {
            outbound.ejections().failed(endpoint.key());
        }
    }

    /** Why what was dialled may not be carried after all: other decisions hold than when this began. */
    Optional<Refused> revised(Channel upstream) {
        Plan now = outbound.plan();
        return plan.equals(now)
                ? Optional.empty()
                : Verdicts.revised(now, intent, endpoint(), Optional.ofNullable(upstream.remoteAddress()));
    }

    /** Takes what was dialled ahead if that is where this stream goes, else lets it go. */
    void after(Ahead dialled) {
        ahead = dialled;
        promise.addListener(done -> dialled.drop());
    }

    /** Is a try of a request. */
    void along(Account.Trail way) {
        trail = way;
    }

    Future<Channel> begin() {
        resolve();
        if (!promise.isDone()) {
            promise.addListener(done -> {
                if (done.isCancelled() && dialling != null) {
                    dialling.cancel(false);
                }
            });
        }
        return promise;
    }

    private void resolve() {
        try {
            Route.Forward forward = Verdicts.forward(plan, intent, ingress, chosen -> route = chosen);
            var resolution = Destinations.resolve(plan, intent, forward, ingress, outbound.known());
            Destinations come = Destinations.come(resolution);
            if (come != null) {
                resolved(come, null);
                return;
            }
            resolution.whenComplete((found, failure) -> {
                if (loop.inEventLoop()) {
                    resolved(found, failure);
                } else {
                    loop.execute(() -> resolved(found, failure));
                }
            });
            if (!resolution.toCompletableFuture().isDone()) {
                awaitResolution();
            }
        } catch (RuntimeException e) {
            promise.tryFailure(Failures.refused(e));
        }
    }

    /** Sources keep the deadline themselves and tell more; this one is for those that do not. */
    private void awaitResolution() {
        Duration limit = plan.timeouts().resolve();
        var deadline = loop.schedule(
                () -> {
                    if (endpoint == null) {
                        String text = "resolve " + intent.target() + ": limit resolve: no answer within ";
                        Refused late = Refused.because(Refusal.UNRESOLVED, text + limit.toMillis() + "ms");
                        promise.tryFailure(named(unresolved(late.as(ProxyError.DNS_TIMEOUT))));
                    }
                },
                limit.toMillis() + RESOLVE_GRACE_MILLIS,
                TimeUnit.MILLISECONDS);
        promise.addListener(done -> deadline.cancel(false));
    }

    private void resolved(@Nullable Destinations destinations, @Nullable Throwable failure) {
        if (promise.isDone()) {
            return;
        }
        try {
            if (destinations == null) {
                throw unresolved(Failures.refused(failure == null ? new IllegalStateException("no answer") : failure));
            }
            Crossing crossing = destinations.crossing();
            crossing.drops().forEach(plan.border().told());
            next(
                    new Rest(ordered(destinations), destinations),
                    crossing.refusal().orElse(null));
        } catch (RuntimeException e) {
            promise.tryFailure(named(Failures.refused(e)));
        }
    }

    private Refused unresolved(Refused why) {
        plan.border().unresolved(intent.target(), why);
        return why;
    }

    /** Where a session is comes first and takes no turn from others: who comes next is asked when it is wanted. */
    private Iterator<Endpoint> ordered(Destinations destinations) {
        if (trail == null) {
            return balanced(destinations).iterator();
        }
        Endpoint held = trail.session()
                .flatMap(session -> outbound.balancer().holding(session, destinations.stages()))
                .orElse(null);
        if (held == null) {
            List<Endpoint> order = balanced(destinations);
            return trail.before()
                    .map(tried -> outbound.balancer().another(order, tried))
                    .orElse(order)
                    .iterator();
        }
        Stream<Endpoint> others =
                Stream.of(destinations).flatMap(all -> balanced(all).stream()).filter(other -> other != held);
        return Stream.concat(Stream.of(held), others).iterator();
    }

    private List<Endpoint> balanced(Destinations destinations) {
        List<List<Endpoint>> stages = destinations.stages();
        if (stages.size() == 1) {
            return outbound.balancer().order(stages.get(0), destinations.balance(), intent.peer());
        }
        List<Endpoint> order = new ArrayList<>();
        for (List<Endpoint> stage : stages) {
            order.addAll(outbound.balancer().order(stage, destinations.balance(), intent.peer()));
        }
        return order;
    }

    private Refused noEndpoint() {
        return Refused.because(Refusal.UNRESOLVED, "resolve " + intent.target() + ": no endpoint");
    }

    /** Dials the first endpoint that may be dialled; fails with {@code last}, or for want of any, when there is none. */
    private void next(Rest rest, @Nullable Refused last) {
        Refused why = last;
        while (!promise.isDone()) {
            if (!rest.endpoints.hasNext()) {
                promise.tryFailure(named(why == null ? noEndpoint() : why));
                return;
            }
            Endpoint candidate = rest.endpoints.next();
            endpoint = candidate;
            try {
                attempt(candidate, rest);
                return;
            } catch (RuntimeException | OutOfMemoryError e) {
                why = Failures.refused(e).in("endpoint " + candidate);
            }
        }
    }

    private void attempt(Endpoint candidate, Rest rest) {
        List<SocketAddress> addresses = dialable(candidate);
        boolean all = addresses.size() == candidate.addresses().size();
        Endpoint allowed = all ? shaped(candidate, rest.from) : shaped(candidate.withAddresses(addresses), null);
        Taken taken = new Taken(candidate, outbound.balancer().load(candidate), outbound.now());
        long deadline = taken.begun + plan.timeouts().connect().toNanos();
        Future<Channel> early = dialledAhead(allowed);
        Future<Channel> way = early == null
                ? outbound.transports().dial(new Dial(intent, allowed, deadline, workload()), loop)
                : early;
        dialling = way;
        taken.load.dialling(taken.begun);
        if (way.isSuccess()) {
            connected(way.getNow(), taken);
            return;
        }
        way.addListener(done -> {
            if (done.isSuccess()) {
                connected(way.getNow(), taken);
            } else {
                taken.load.failed();
                if (!promise.isDone()) {
                    outbound.ejections().failed(candidate.key());
                    next(rest, Failures.refused(done.cause()).in("endpoint " + candidate));
                }
            }
        });
    }

    private @Nullable Future<Channel> dialledAhead(Endpoint allowed) {
        return ahead == null || intent.shape() == Shape.MESSAGES
                ? null
                : ahead.take(allowed).orElse(null);
    }

    /** Under whose name the stream goes out. */
    private Optional<String> workload() {
        return plan.border().mesh().workload(intent.peer(), ingress.map(Ingress::name));
    }

    /** The endpoint, one of {@code known} if those are given, with the carriers that the intent's shape needs. */
    private Endpoint shaped(Endpoint allowed, @Nullable Destinations known) {
        return switch (intent.shape()) {
            case BYTES -> allowed;
            case DATAGRAMS -> allowed.via().equals(TCP) ? allowed.withVia(UDP) : allowed;
            case MESSAGES -> known == null ? allowed.forRequests() : known.forRequests(allowed);
        };
    }

    /** The addresses that policy lets this peer reach; fails when none is left. */
    private List<SocketAddress> dialable(Endpoint candidate) {
        List<SocketAddress> allowed = new ArrayList<>(candidate.addresses().size());
        Refused last = null;
        for (SocketAddress address : candidate.addresses()) {
            Decision decision = plan.policy().judge(intent, address, candidate.trusted());
            if (!decision.allowed()) {
                last = Refused.because(
                        Refusal.DENIED, "policy: rule " + decision.rule() + " denies " + Ip.text(address));
            } else if (outbound.own().reachedBy(address, intent.shape())) {
                last = Refused.because(Refusal.LOOP, Ip.text(address) + " is one of our own listeners");
            } else {
                allowed.add(address);
            }
        }
        if (allowed.isEmpty()) {
            throw last == null ? Refused.because(Refusal.UNRESOLVED, "no address") : last;
        }
        return allowed;
    }

    private void connected(Channel channel, Taken taken) {
        channel.attr(Dialer.Outcome.KEY).set(taken);
        taken.load.opened();
        channel.closeFuture().addListener(closed -> taken.over());
        if (intent.shape() != Shape.MESSAGES) {
            taken.told(true);
        }
        if (!promise.trySuccess(channel)) {
            channel.close();
        }
    }

    /**
     * The endpoint that was taken, its channel being open. For a stream, the dial is the answer that tells how fast and how well it is;
     * for a request it is the reply.
     */
    private final class Taken implements Dialer.Outcome {
        private final Endpoint candidate;
        private final Balancer.Load load;
        private final long begun;
        private boolean told;

        Taken(Endpoint candidate, Balancer.Load load, long begun) {
            this.candidate = candidate;
            this.load = load;
            this.begun = begun;
        }

        Passage passage() {
            return Passage.this;
        }

        @Override
        public void told(boolean served) {
            if (told) {
                return;
            }
            told = true;
            if (served) {
                long now = outbound.now();
                load.dialled(now - begun, now);
                outbound.ejections().succeeded(candidate.key());
            } else {
                load.failed();
                outbound.ejections().failed(candidate.key());
            }
        }

        void over() {
            load.closed();
            if (!told) {
                told = true;
                load.failed();
            }
        }
    }

    private Refused named(Refused why) {
        return route == null ? why : why.in("route " + route.name());
    }
}
