package dev.ugate.model;

import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Filters;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.model.http.PathChange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A named condition on intents and what to do with those that match; the first match of an ordered list wins.
 *
 * @param filters what becomes of HTTP requests on this way
 */
public record Route(String name, Predicate<Intent> when, Action action, Filters filters) {
    public Route {
        // Asked for with each request: one object tells at a glance.
        filters = filters.isNone() ? Filters.NONE : filters;
    }

    public Route(String name, Predicate<Intent> when, Action action) {
        this(name, when, action, Filters.NONE);
    }

    /** What a route does with a stream. */
    public sealed interface Action {}

    /**
     * Sends the stream to one of the destinations.
     *
     * @param balance how to choose among them; discovery's word or round robin where absent
     * @param health an active check of every destination
     */
    public record Forward(List<Destination> to, Optional<Balance> balance, Optional<Health> health) implements Action {
        public Forward {
            to = List.copyOf(to);
        }
    }

    /** Refuses the stream with DENIED. */
    public record Deny() implements Action {}

    /** Answers an HTTP request here with a fixed status, fields and body. */
    public record Local(int status, Fields headers, String body) implements Action {
        public Local(int status, String body) {
            this(status, Fields.NONE, body);
        }
    }

    /** Sends an HTTP client elsewhere; what is absent stays as it was asked for (RFC 9110 §15.4). */
    public record Redirect(
            Optional<String> scheme,
            Optional<String> hostname,
            Optional<Integer> port,
            Optional<PathChange> path,
            int status)
            implements Action {}

    /** Answers an HTTP request here with 200 while this instance takes requests. */
    public record Ready() implements Action {}

    /**
     * One destination of a forwarding route.
     *
     * @param target {@code host:port}, resolved late when it is a name, or {@code unix:/path}; empty for the target of the intent
     * @param via the carriers to use instead of those that discovery names; empty for discovery's own
     * @param through the upstream proxy whose address is dialled in place of the target's
     */
    public record Destination(
            Optional<String> target, int weight, List<Carrier> via, Optional<HostPort> through, HttpVersion http) {
        public Destination {
            via = List.copyOf(via);
        }

        public Destination(Optional<String> target, int weight, List<Carrier> via, Optional<HostPort> through) {
            this(target, weight, via, through, HttpVersion.AUTO);
        }

        public Destination withWeight(int other) {
            return new Destination(target, other, via, through, http);
        }

        public Destination withHttp(HttpVersion other) {
            return new Destination(target, weight, via, through, other);
        }
    }

    /** An active health check: a TCP connect, or an HTTP GET of {@code path} that must answer below 400. */
    public record Health(Optional<String> path, Duration every) {}
}
