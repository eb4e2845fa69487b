package dev.ugate.gate;

import dev.ugate.model.Endpoint;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.model.Shape;
import dev.ugate.net.Relay;
import dev.ugate.net.Reset;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Journal.Answered;
import dev.ugate.spi.Request;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The books of one stream: closed once, which writes its one access line. Lives on the stream's loop. */
final class Account {
    /**
     * How far one request came: the route that it took, the way that was tried last, and where its session is. Lives on its body's loop.
     */
    static final class Trail {
        private static final AttributeKey<Trail> KEY = AttributeKey.valueOf("ugate.trail");

        private @Nullable Route route;
        private @Nullable Passage last;
        private @Nullable Endpoint before;
        private @Nullable String session;
        private int attempts;

        private Trail() {}

        /** That of the request with this body, which begins here if there is none yet. */
        static Trail on(Channel body) {
            Trail trail = body.attr(KEY).get();
            if (trail == null) {
                trail = new Trail();
                body.attr(KEY).set(trail);
            }
            return trail;
        }

        /** That of the request with this body; none where it was refused before it had a route. */
        static Optional<Trail> find(Channel body) {
            return body.hasAttr(KEY) ? Optional.ofNullable(body.attr(KEY).get()) : Optional.empty();
        }

        void takes(Route taken) {
            route = taken;
        }

        /** One attempt may take several ways: an upgrade that the first does not offer is asked for in another version. */
        void tries(Passage passage, int attempt) {
            if (attempt > attempts) {
                before = endpoint().orElse(null);
                attempts = attempt;
            }
            last = passage;
        }

        /** Its session is at the endpoint of this name. */
        void isAt(String place) {
            session = place;
        }

        /** Where its session is; another attempt goes elsewhere. */
        Optional<String> session() {
            return before == null ? Optional.ofNullable(session) : Optional.empty();
        }

        /** The endpoint of the attempt before this one. */
        Optional<Endpoint> before() {
            return Optional.ofNullable(before);
        }

        Optional<Route> route() {
            return Optional.ofNullable(route);
        }

        /** The endpoint that was tried last, or is being tried. */
        Optional<Endpoint> endpoint() {
            return last == null ? Optional.empty() : last.endpoint();
        }
    }

    private final Intent intent;
    private final Channel channel;
    private final LiveStreams live;
    private final long begun = System.nanoTime();
    private Supplier<String> route = () -> Plan.NO_ROUTE;
    private @Nullable Passage way;
    private Relay.@Nullable Pair pair;
    private @Nullable Answered answered;

    /** {@code channel} is the client's: that of the stream, or of the request's body. */
    Account(Intent intent, Channel channel, LiveStreams live) {
        this.intent = intent;
        this.channel = channel;
        this.live = live;
        live.add(this);
    }

    /** The way of this stream alone, which finds its route itself. */
    void follows(Passage passage) {
        route = passage::routeName;
        reached(passage);
    }

    /** The route was chosen before there was a way. */
    void routed(String name) {
        route = () -> name;
    }

    /** A way that may have been there before this stream, and found by another route. */
    void reached(Passage passage) {
        way = passage;
    }

    void carriedBy(Relay.Pair relayed) {
        pair = relayed;
    }

    /** The pair that carries the stream now. */
    Optional<Relay.Pair> carried() {
        return Optional.ofNullable(pair);
    }

    /** The head of an answer goes out now. */
    void answered(int status) {
        answered = new Answered(status, age());
    }

    Intent intent() {
        return intent;
    }

    String listener() {
        return ingress().name();
    }

    String routeName() {
        return route.get();
    }

    /** What was dialled and, where that says more, where it was reached: of a tunnel, where its carrier ends. */
    Optional<String> endpoint() {
        return endpointTaken().or(this::endpointTried).map(taken -> {
            String name = taken.toString();
            String there =
                    pair != null && pair.upstream().orElse(null) instanceof InetSocketAddress at ? Ip.text(at) : name;
            return name.equals(there) ? name : name + "/" + there;
        });
    }

    private Optional<Endpoint> endpointTaken() {
        return way == null ? Optional.empty() : way.endpoint();
    }

    /** Of a request without a reply. */
    private Optional<Endpoint> endpointTried() {
        return Trail.find(channel).flatMap(Trail::endpoint);
    }

    private Ingress ingress() {
        return Connection.of(channel).ingress();
    }

    /** The loop on which everything but the rows for people is asked. */
    EventLoop loop() {
        return channel.eventLoop();
    }

    /** Why the stream may not go on under these decisions; on its loop. One that is being dialled is asked about later. */
    Optional<Refused> revised(Plan plan) {
        if (pair == null && intent.shape() != Shape.MESSAGES) {
            return Optional.empty();
        }
        Optional<SocketAddress> dialled = pair == null ? Optional.empty() : pair.upstream();
        return Verdicts.revised(plan, intent, endpointTaken(), dialled);
    }

    /** Ends the stream now, for both sides; on its loop. */
    void cut(Refused why) {
        if (pair != null) {
            pair.cut(why);
        } else {
            ended(0, 0, Optional.of(why));
            Reset.close(channel);
        }
    }

    /** Spread by the time it began at: what the JVM makes up for an object costs a call into it, for each request. */
    @Override
    public int hashCode() {
        return Long.hashCode(begun);
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    void ended(long bytesIn, long bytesOut, Optional<Refused> why) {
        if (!live.remove(this)) {
            return;
        }
        Ingress ingress = ingress();
        ingress.settings()
                .journal()
                .ended(new Journal.Ended(
                        intent,
                        ingress.name(),
                        routeName(),
                        endpoint(),
                        why,
                        bytesIn,
                        bytesOut,
                        age(),
                        Optional.ofNullable(answered),
                        Request.attempts(channel)));
    }
}
