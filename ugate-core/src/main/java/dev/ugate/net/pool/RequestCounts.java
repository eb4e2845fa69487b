package dev.ugate.net.pool;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What requests on their way out did since start, on all loops. */
public final class RequestCounts {
    /** What is counted. */
    public enum Event {
        /** Connections dialled. */
        DIALLED("connections dialled for requests"),
        /** Connections that are no more. */
        CLOSED("connections for requests that ended"),
        /** Requests that went out on a connection that was there. */
        REUSED("requests on a connection that was there"),
        /** Requests that had to wait for a place. */
        WAITED("requests that waited for a connection"),
        /** Requests that no longer wait. */
        WAITED_OUT("requests that waited and wait no more"),
        /** Requests refused because too many wait (L95). */
        CIRCUIT_OPEN("requests refused because too many wait for a connection"),
        /** Requests sent again. */
        RETRY("requests sent again"),
        /** Requests not sent again because too many were. */
        BUDGET_SPENT("retries that the budget did not allow"),
        /** Requests not sent again because more of their body went out than was kept. */
        BODY_NOT_KEPT("requests not sent again because more of their body was sent than kept");

        private final String doc;

        Event(String doc) {
            this.doc = doc;
        }

        /** For people. */
        public String doc() {
            return doc;
        }

        /** The lower-case word of metrics. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Map<Event, LongAdder> counts = new EnumMap<>(Event.class);

    public RequestCounts() {
        for (Event event : Event.values()) {
            counts.put(event, new LongAdder());
        }
    }

    /** How often it happened since start. */
    public long of(Event event) {
        return adder(event).sum();
    }

    /** Connections that are open. */
    public long open() {
        return of(Event.DIALLED) - of(Event.CLOSED);
    }

    /** Requests that wait for a connection. */
    public long waiting() {
        return of(Event.WAITED) - of(Event.WAITED_OUT);
    }

    /** It happened once more. */
    public void add(Event event) {
        adder(event).increment();
    }

    private LongAdder adder(Event event) {
        return Objects.requireNonNull(counts.get(event));
    }
}
