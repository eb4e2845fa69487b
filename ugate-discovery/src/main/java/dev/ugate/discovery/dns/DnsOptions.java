package dev.ugate.discovery.dns;

import dev.ugate.config.dns.DnsConfig;
import dev.ugate.config.dns.DnsConfig.Keep;
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
 * @param patience how long a query may take before a stale answer is served instead (RFC 8767 §5)
 * @param keep what is kept of answers
 * @param hosts names that need no server
 * @param resolvConf servers and search domains of the machine
 */
public record DnsOptions(
        List<InetSocketAddress> servers,
        List<String> search,
        Duration timeout,
        Duration delay,
        Duration patience,
        Keep keep,
        Path hosts,
        Path resolvConf) {
    public static final DnsOptions STANDARD = new DnsOptions(
            List.of(),
            List.of(),
            Duration.ofSeconds(2),
            Duration.ofMillis(50),
            Duration.ofMillis(1800),
            Keep.STANDARD,
            Path.of("/etc/hosts"),
            Path.of("/etc/resolv.conf"));

    public DnsOptions {
        servers = List.copyOf(servers);
        search = List.copyOf(search);
    }

    /** The standard values with those of the configuration; servers are literal there. */
    public static DnsOptions of(DnsConfig config) {
        List<InetSocketAddress> servers = config.servers().stream()
                .map(server -> new InetSocketAddress(server.literal().orElseThrow(), server.port()))
                .toList();
        return STANDARD.asking(servers, config.timeout()).keeping(config.keep());
    }

    DnsOptions asking(List<InetSocketAddress> others, Duration within) {
        return new DnsOptions(others, search, within, delay, patience, keep, hosts, resolvConf);
    }

    DnsOptions keeping(Keep other) {
        return new DnsOptions(servers, search, timeout, delay, patience, other, hosts, resolvConf);
    }
}
