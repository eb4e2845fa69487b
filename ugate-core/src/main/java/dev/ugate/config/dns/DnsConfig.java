package dev.ugate.config.dns;

import dev.ugate.model.HostPort;
import java.time.Duration;
import java.util.List;

/**
 * The section {@code discovery.dns}.
 *
 * @param servers literal addresses; empty for the system's
 * @param timeout of one query to one server (L70)
 * @param keep what is kept of answers
 */
public record DnsConfig(List<HostPort> servers, Duration timeout, Keep keep) {
    public static final DnsConfig STANDARD = new DnsConfig(List.of(), Duration.ofSeconds(2), Keep.STANDARD);

    public DnsConfig {
        servers = List.copyOf(servers);
    }

    /**
     * How long answers are kept, and how many.
     *
     * @param minTtl the least that an answer's TTL counts for (L71)
     * @param maxTtl the most (L71)
     * @param minNegative the least that "no such name" is kept (L71)
     * @param maxNegative the most (L71)
     * @param stale how long after its end an answer is served while servers fail (L73, RFC 8767)
     * @param names held, the least recently used are dropped (L74)
     * @param lookups under way at a time, one a name
     */
    public record Keep(
            Duration minTtl,
            Duration maxTtl,
            Duration minNegative,
            Duration maxNegative,
            Duration stale,
            int names,
            int lookups) {
        public static final Keep STANDARD = new Keep(
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofHours(24),
                10_000,
                256);

        /** How long an answer of so many seconds is kept. */
        public Duration ttl(long seconds) {
            return clamp(seconds, minTtl, maxTtl);
        }

        /** The same for the answer that there is nothing. */
        public Duration negative(long seconds) {
            return clamp(seconds, minNegative, maxNegative);
        }

        private static Duration clamp(long seconds, Duration least, Duration most) {
            Duration asked = Duration.ofSeconds(seconds);
            Duration enough = asked.compareTo(least) < 0 ? least : asked;
            return enough.compareTo(most) > 0 ? most : enough;
        }
    }
}
