package dev.ugate.discovery.dns;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counters of one resolver; written by any loop, read by metrics. */
public final class DnsCounts {
    /** What is counted. */
    public enum Event {
        /** Answered from the cache. */
        HIT,
        /** Not in the cache: asked, or joined a question under way. */
        MISS,
        /** Answered with what had expired, because servers failed or were slow. */
        STALE,
        /** Asked again before the end because the name is in use. */
        REFRESH,
        /** A lookup that no server gave a usable answer to. */
        FAILURE,
        /** One question sent to one server. */
        QUERY,
        /** Dropped from the full cache. */
        EVICTION;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** The lower-case word of metrics. */
        public String label() {
            return label;
        }
    }

    private final Map<Event, LongAdder> counts = new EnumMap<>(Event.class);

    DnsCounts() {
        for (Event event : Event.values()) {
            counts.put(event, new LongAdder());
        }
    }

    /** How often it happened since start. */
    public long of(Event event) {
        return adder(event).sum();
    }

    void add(Event event) {
        adder(event).increment();
    }

    private LongAdder adder(Event event) {
        return Objects.requireNonNull(counts.get(event));
    }
}
