package dev.ugate.discovery.dns;

import dev.ugate.config.DiscoveryConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The section {@code discovery.dns}.
 *
 * @param servers asked in this order; empty for those of {@code resolvConf}
 * @param search domains tried for names without a dot; only used with {@code servers}
 * @param timeout of one query to one server (L70)
 * @param delay how long one family's addresses wait for the other family's (RFC 8305 §3)
 * @param keep how long answers are kept
 * @param hosts names that need no server
 * @param resolvConf servers and search domains of the machine
 */
public record DnsOptions(
        List<InetSocketAddress> servers,
        List<String> search,
        Duration timeout,
        Duration delay,
        Keep keep,
        Path hosts,
        Path resolvConf) {
    public static final DnsOptions STANDARD = new DnsOptions(
            List.of(),
            List.of(),
            Duration.ofSeconds(2),
            Duration.ofMillis(50),
            Keep.STANDARD,
            Path.of("/etc/hosts"),
            Path.of("/etc/resolv.conf"));

    public DnsOptions {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
    }

    /** The standard values with those of the configuration; servers are literal there. */
    public static DnsOptions of(DiscoveryConfig.Dns config) {
        List<InetSocketAddress> servers = config.servers().stream()
                .map(server -> new InetSocketAddress(server.literal().orElseThrow(), server.port()))
                .toList();
        return STANDARD.asking(servers, config.timeout());
    }

    DnsOptions asking(List<InetSocketAddress> others, Duration within) {
        return new DnsOptions(others, search, within, delay, keep, hosts, resolvConf);
    }

    /**
     * How long answers are kept.
     *
     * @param minTtl the least that an answer's TTL counts for (L71)
     * @param maxTtl the most (L71)
     * @param minNegative the least that "no such name" is kept (L71)
     * @param maxNegative the most (L71)
     * @param stale how long after its end an answer is served while servers fail (L73, RFC 8767)
     * @param patience how long a query may take before a stale answer is served instead (RFC 8767 §5)
     * @param entries names held, the least recently used are dropped (L74)
     */
    public record Keep(
            Duration minTtl,
            Duration maxTtl,
            Duration minNegative,
            Duration maxNegative,
            Duration stale,
            Duration patience,
            int entries) {
        public static final Keep STANDARD = new Keep(
                Duration.ofSeconds(5),
                Duration.ofSeconds(300),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofHours(24),
                Duration.ofMillis(1800),
                10_000);

        long ttlNanos(long seconds) {
            return clamp(seconds, minTtl, maxTtl);
        }

        long negativeNanos(long seconds) {
            return clamp(seconds, minNegative, maxNegative);
        }

        private static long clamp(long seconds, Duration least, Duration most) {
            return Math.max(
                    least.toNanos(),
                    Math.min(most.toNanos(), Duration.ofSeconds(seconds).toNanos()));
        }
    }
}
