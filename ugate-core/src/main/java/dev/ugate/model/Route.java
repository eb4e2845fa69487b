package dev.ugate.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A named condition on intents and what to do with those that match; the first match of an ordered list wins. */
public record Route(String name, Predicate<Intent> when, Action action) {
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

    /** Answers an HTTP request here with a fixed status and body. */
    public record Local(int status, String body) implements Action {}

    /**
     * One destination of a forwarding route.
     *
     * @param target {@code host:port}, resolved late when it is a name, or {@code unix:/path}; empty for the target of the intent
     * @param via the carriers to use instead of those that discovery names; empty for discovery's own
     * @param through the upstream proxy whose address is dialled in place of the target's
     */
    public record Destination(Optional<String> target, int weight, List<Carrier> via, Optional<HostPort> through) {
        public Destination {
            via = List.copyOf(via);
        }
    }

    /** An active health check: a TCP connect, or an HTTP GET of {@code path} that must answer below 400. */
    public record Health(Optional<String> path, Duration every) {}
}
