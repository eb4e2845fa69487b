package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.metrics.Metrics;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.spi.Connection;
import dev.ugate.testing.Listening;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Counting happens on event loops: it must take no lock and wake no thread. */
final class MetricsOnLoopsTest {
    @Test
    void startsNoThreadToCount() {
        Metrics metrics = new Metrics();
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        InetSocketAddress here = new InetSocketAddress("127.0.0.1", 1);
        Connection connection = Connection.accepted(Listening.open().ingress(), Peer.of(here, here));
        for (int i = 0; i < 100; i++) {
            metrics.detected(connection, "socks5", Duration.ofMillis(1));
            metrics.failed(connection, "socks5", Refused.malformed("x"));
        }
        assertThat(metrics.text()).contains("ugate_detected_total{protocol=\"socks5\"} 100.0");
        assertThat(Thread.getAllStackTraces().keySet()).isSubsetOf(before);
    }
}
