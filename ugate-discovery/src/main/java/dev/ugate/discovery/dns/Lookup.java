package dev.ugate.discovery.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One name on its way through the servers: AAAA and A at the same time, for each search domain in turn until one has addresses.
 * Confined to the servers' loop.
 */
final class Lookup {
    /** A name that exists without its full data is asked again after this, in seconds. */
    private static final long PARTIAL_TTL = 30;

    private final Servers servers;
    private final List<String> candidates;
    private final Duration delay;
    private final Report report;

    private Lookup(Servers servers, List<String> candidates, Duration delay, Report report) {
        this.servers = servers;
        this.candidates = candidates;
        this.delay = delay;
        this.report = report;
    }

    /** Told once or twice: addresses of one family that waited long enough for the other, then the end, with {@code last}. */
    @FunctionalInterface
    interface Report {
        void learned(Outcome outcome, long ttl, boolean last);
    }

    static void start(Servers servers, List<String> candidates, Duration delay, Report report) {
        new Lookup(servers, candidates, delay, report).candidate(0);
    }

    private void candidate(int index) {
        String name = candidates.get(index);
        Families families = new Families();
        servers.resolve(new Ask.Question(name, DnsRecordType.AAAA), answer -> {
            families.six(answer);
            arrived(families, index);
        });
        servers.resolve(new Ask.Question(name, DnsRecordType.A), answer -> {
            families.four(answer);
            arrived(families, index);
        });
    }

    private void arrived(Families families, int index) {
        if (families.complete()) {
            concluded(families, index);
        } else if (families.usable()) {
            servers.loop().schedule(() -> overdue(families), delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void overdue(Families families) {
        if (!families.complete()) {
            report.learned(families.outcome(), Math.min(PARTIAL_TTL, families.ttl()), false);
        }
    }

    private void concluded(Families families, int index) {
        Outcome outcome = families.outcome();
        boolean elsewhere = outcome instanceof Outcome.Absent || outcome instanceof Outcome.Bare;
        if (elsewhere && index + 1 < candidates.size()) {
            candidate(index + 1);
        } else {
            long ttl = families.partial() ? Math.min(PARTIAL_TTL, families.ttl()) : families.ttl();
            report.learned(outcome, ttl, true);
        }
    }
}
