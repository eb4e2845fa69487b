package dev.ugate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Journal;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class MetricsTest {
    private final Metrics metrics = new Metrics();
    private final Peer peer = Peer.of(Wire.HERE, Wire.HERE);
    private final Connection connection = Connection.accepted(Listening.open().ingress(), peer);

    private void ended(Optional<Refused> why) {
        Intent intent = Intent.bytes("socks5", peer, new HostPort("a.test", 80));
        metrics.ended(new Journal.Ended(intent, "edge", "-", Optional.empty(), why, 3, 5, Duration.ZERO));
    }

    private List<String> lines() {
        return metrics.text().lines().toList();
    }

    @Test
    void everyLineIsOfTheTextFormat() {
        metrics.detected(connection, "socks5", Duration.ofMillis(2));
        ended(Optional.empty());
        metrics.limit("connections", () -> 10, () -> 4);
        metrics.gauge("ugate_x", "An \"x\" with a \\ and\na new line", () -> 1.5);
        assertThat(lines())
                .isNotEmpty()
                .allMatch(
                        line -> line.matches(
                                "# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{([a-z]+=\"[^\"]*\",?)+\\})? [0-9.Ee+-]+|[a-z_]+\\{.*le=\"\\+Inf\"\\} [0-9.]+"));
        assertThat(metrics.text()).endsWith("\n").contains("ugate_x 1.5");
    }

    @Test
    void noNameOrSampleAppearsTwice() {
        metrics.detected(connection, "socks5", Duration.ZERO);
        metrics.detected(connection, "http", Duration.ZERO);
        ended(Optional.empty());
        metrics.limit("connections", () -> 10, () -> 4);
        metrics.count("ugate_y_total", "y", () -> 2);
        List<String> names = new ArrayList<>();
        List<String> samples = new ArrayList<>();
        for (String line : lines()) {
            if (line.startsWith("# TYPE ")) {
                names.add(line.split(" ")[2]);
            } else if (!line.startsWith("#")) {
                samples.add(line.substring(0, line.lastIndexOf(' ')));
            }
        }
        assertThat(names).isNotEmpty().doesNotHaveDuplicates().allMatch(name -> name.startsWith("ugate_"));
        assertThat(samples).doesNotHaveDuplicates();
    }

    @Test
    void countsWhatTheJournalIsTold() {
        metrics.detected(connection, "socks5", Duration.ofMillis(2));
        metrics.failed(connection, "unknown", Refused.malformed("detect: x"));
        ended(Optional.empty());
        ended(Optional.of(Refused.because(Refusal.DENIED, "policy: rule x denies a.test:80")));
        assertThat(lines())
                .contains(
                        "ugate_detected_total{protocol=\"socks5\"} 1.0",
                        "ugate_connections_failed_total{protocol=\"unknown\",reason=\"malformed\"} 1.0",
                        "ugate_streams_total{outcome=\"ok\",protocol=\"socks5\"} 1.0",
                        "ugate_streams_total{outcome=\"denied\",protocol=\"socks5\"} 1.0",
                        "ugate_stream_bytes_total{direction=\"in\"} 6.0",
                        "ugate_stream_bytes_total{direction=\"out\"} 10.0");
    }

    @Test
    void gaugesAreReadWhenAsked() {
        AtomicInteger value = new AtomicInteger(1);
        metrics.gauge("ugate_live", "live", value::get);
        metrics.limit("connections", () -> 8000, value::get);
        assertThat(lines()).contains("ugate_live 1.0", "ugate_limit_used{limit=\"connections\"} 1.0");
        value.set(7);
        assertThat(lines())
                .contains(
                        "ugate_live 7.0",
                        "ugate_limit_used{limit=\"connections\"} 7.0",
                        "ugate_limit{limit=\"connections\"} 8000.0");
    }

    @Test
    void aRefusalThatNamesItsLimitIsAHit() {
        metrics.failed(connection, "accept", Refused.because(Refusal.OVERLOADED, "limit connectionsPerSource: 256"));
        metrics.failed(
                connection, "unknown", Refused.malformed("detect: limit sniffBytes: first bytes match no protocol"));
        ended(Optional.of(Refused.because(
                Refusal.OVERLOADED, "limit streamRate: user:ada: expected at most 3 streams a second")));
        ended(Optional.of(Refused.because(Refusal.OVERLOADED, "limit overload: new streams wait until it is freed")));
        assertThat(lines())
                .contains(
                        "ugate_limit_hit_total{limit=\"connectionsPerSource\"} 1.0",
                        "ugate_limit_hit_total{limit=\"sniffBytes\"} 1.0",
                        "ugate_limit_hit_total{limit=\"streamRate\"} 1.0",
                        "ugate_limit_hit_total{limit=\"overload\"} 1.0");
    }

    /** What a peer wrote is quoted in refusals; it must not become a name, of which there would be as many as it likes. */
    @Test
    void wordsOfAPeerMakeNoMetrics() {
        for (int i = 0; i < 100; i++) {
            metrics.failed(connection, "socks5", Refused.malformed("host 'limit x" + i + ": y': expected letters"));
        }
        assertThat(metrics.text()).doesNotContain("limit=\"x");
    }
}
