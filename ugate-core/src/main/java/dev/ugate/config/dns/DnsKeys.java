package dev.ugate.config.dns;

import static dev.ugate.config.yaml.Kind.key;
import static dev.ugate.config.yaml.Kind.mapping;

import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Mapping;
import dev.ugate.config.yaml.Kind.Sequence;
import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value.Fields;
import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The keys of the section {@code discovery.dns}, read and written.
 *
 * @param timeout form of a duration that is not nothing
 * @param duration form of any duration
 * @param count form of a number of things
 */
public record DnsKeys(Kind timeout, Kind duration, Kind count) {
    private static final int PORT = 53;

    public Mapping dns() {
        return mapping(
                key(
                        "servers",
                        new Sequence(Kind.string("address:port", "", DnsKeys::server), true),
                        "default the system's"),
                key("timeout", timeout, "of one query; default 2s"),
                key("minTtl", duration, "the least that the TTL of an answer counts for; default 5s"),
                key("maxTtl", duration, "the most; default 5m"),
                key("minNegative", duration, "the least that 'no such name' is kept; default 5s"),
                key("maxNegative", duration, "the most; default 1m"),
                key("stale", duration, "how long past its end an answer serves while servers fail; default 1d"),
                key("names", count, "kept, the least recently used go; default 10000"),
                key("lookups", count, "under way at a time; default 256"));
    }

    private static HostPort server(String text) {
        boolean bare = Ip.parse(text).isPresent();
        HostPort server = bare ? new HostPort(text, PORT) : HostPort.parse(text, PORT);
        if (server.literal().isEmpty() || server.port() == 0) {
            throw new IllegalArgumentException("server '" + text + "': expected a literal address and a port");
        }
        return server;
    }

    /** Reads the section. */
    public static DnsConfig read(Fields dns, Problems problems) {
        DnsConfig standard = DnsConfig.STANDARD;
        DnsConfig.Keep keep = keep(dns);
        ordered(dns, "minTtl", keep.minTtl(), keep.maxTtl(), problems);
        ordered(dns, "minNegative", keep.minNegative(), keep.maxNegative(), problems);
        return new DnsConfig(
                dns.all("servers", HostPort.class),
                dns.one("timeout", Duration.class).orElse(standard.timeout()),
                keep);
    }

    private static DnsConfig.Keep keep(Fields dns) {
        DnsConfig.Keep standard = DnsConfig.Keep.STANDARD;
        return new DnsConfig.Keep(
                dns.one("minTtl", Duration.class).orElse(standard.minTtl()),
                dns.one("maxTtl", Duration.class).orElse(standard.maxTtl()),
                dns.one("minNegative", Duration.class).orElse(standard.minNegative()),
                dns.one("maxNegative", Duration.class).orElse(standard.maxNegative()),
                dns.one("stale", Duration.class).orElse(standard.stale()),
                dns.one("names", Integer.class).orElse(standard.names()),
                dns.one("lookups", Integer.class).orElse(standard.lookups()));
    }

    private static void ordered(Fields dns, String key, Duration least, Duration most, Problems problems) {
        if (least.compareTo(most) > 0) {
            problems.add(dns.at(key), "more than the most: expected at most " + most.toSeconds() + "s");
        }
    }

    /** The section as the reader takes it; {@code text} writes one value. */
    public static Map<String, Object> written(DnsConfig config, Function<Object, Object> text) {
        DnsConfig.Keep keep = config.keep();
        Map<String, Object> dns = new LinkedHashMap<>();
        dns.put("servers", config.servers().stream().map(HostPort::toString).toList());
        dns.put("timeout", text.apply(config.timeout()));
        dns.put("minTtl", text.apply(keep.minTtl()));
        dns.put("maxTtl", text.apply(keep.maxTtl()));
        dns.put("minNegative", text.apply(keep.minNegative()));
        dns.put("maxNegative", text.apply(keep.maxNegative()));
        dns.put("stale", text.apply(keep.stale()));
        dns.put("names", keep.names());
        dns.put("lookups", keep.lookups());
        return dns;
    }
}
