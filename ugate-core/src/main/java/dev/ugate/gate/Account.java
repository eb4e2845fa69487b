package dev.ugate.gate;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.net.Relay;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Journal.Answered;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The books of one stream: closed once, which writes its one access line. Lives on the stream's loop. */
final class Account {
    private final Intent intent;
    private final Connection connection;
    private final LiveStreams live;
    private final long begun = System.nanoTime();
    private Supplier<String> route = () -> Plan.NO_ROUTE;
    private Supplier<Optional<String>> endpoint = Optional::empty;
    private Relay.@Nullable Pair pair;
    private @Nullable Answered answered;

    Account(Intent intent, Connection connection, LiveStreams live) {
        this.intent = intent;
        this.connection = connection;
        this.live = live;
        live.add(this);
    }

    /** The way of this stream alone, which finds its route itself. */
    void follows(Passage way) {
        route = way::routeName;
        reached(way);
    }

    /** The route was chosen before there was a way. */
    void routed(String name) {
        route = () -> name;
    }

    /** A way that may have been there before this stream, and found by another route. */
    void reached(Passage way) {
        endpoint = way::endpointText;
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
        return connection.ingress().name();
    }

    String routeName() {
        return route.get();
    }

    Optional<String> endpoint() {
        return endpoint.get();
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    void ended(long bytesIn, long bytesOut, Optional<Refused> why) {
        if (!live.remove(this)) {
            return;
        }
        connection
                .ingress()
                .settings()
                .journal()
                .ended(new Journal.Ended(
                        intent,
                        listener(),
                        routeName(),
                        endpoint(),
                        why,
                        bytesIn,
                        bytesOut,
                        age(),
                        Optional.ofNullable(answered)));
    }
}
