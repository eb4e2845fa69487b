package dev.ugate.gate;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Journal.Answered;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The books of one stream: closed once, which writes its one access line. */
final class Account {
    private final Intent intent;
    private final Connection connection;
    private final LiveStreams live;
    private final long begun = System.nanoTime();
    private @Nullable Passage passage;
    private String route = Plan.NO_ROUTE;
    private @Nullable Answered answered;
    private boolean closed;

    Account(Intent intent, Connection connection, LiveStreams live) {
        this.intent = intent;
        this.connection = connection;
        this.live = live;
        live.add(this);
    }

    void passage(Passage taken) {
        passage = taken;
    }

    void route(String name) {
        route = name;
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
        return passage == null || passage.routeName().equals(Plan.NO_ROUTE) ? route : passage.routeName();
    }

    Optional<String> endpoint() {
        return passage == null ? Optional.empty() : passage.endpointText();
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    void ended(long bytesIn, long bytesOut, Optional<Refused> why) {
        if (closed) {
            return;
        }
        closed = true;
        live.remove(this);
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
