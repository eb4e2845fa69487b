package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** F11: 400 clients of a process that may hold 200 descriptors. */
@Tag("interop")
@Timeout(120)
final class FullIT {
    private static final int CLIENTS = 400;

    @TempDir
    Path folder;

    private final List<Socket> crowd = new ArrayList<>();

    private static double load(Spawned ugate, Duration during) throws IOException, InterruptedException {
        Duration before = ugate.cpu();
        new java.util.concurrent.CountDownLatch(1).await(during.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
        return (double) ugate.cpu().minus(before).toNanos() / during.toNanos();
    }

    @Test
    void pausesAcceptsKeepsTunnelsAndRecoversWithinASecond() throws Exception {
        Peers.require("prlimit");
        try (Upstream upstream = Upstream.echo();
                Spawned ugate = Spawned.of(
                        folder,
                        List.of("prlimit", "--nofile=200:200"),
                        List.of("-Xmx96m"),
                        Running.OPEN,
                        Running.LOCAL)) {
            List<Socket> tunnels = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                tunnels.add(Client.socks5(ugate.address(), "127.0.0.1", upstream.port()));
            }
            double most = ugate.metric("ugate_limit{limit=\"connections\"}");
            assertThat(most).isBetween(12.0, 80.0);

            for (int i = 0; i < CLIENTS; i++) {
                crowd.add(Client.connect(ugate.address()));
            }
            await().untilAsserted(() ->
                    assertThat(ugate.metric("ugate_connections_open")).isEqualTo(most));

            // Full, not busy: a listener that polled a queue it may not accept from would burn a core.
            await().atMost(Duration.ofSeconds(8)).until(() -> load(ugate, Duration.ofSeconds(1)) < 0.2);
            assertThat(ugate.ask("GET", "/healthz/live")).startsWith("HTTP/1.1 200");
            for (Socket tunnel : tunnels) {
                assertThat(Client.echoes(tunnel, "still alive")).isTrue();
            }
            assertThat(ugate.metric("ugate_connections_open")).isEqualTo(most);
            assertThat(ugate.descriptors()).isLessThan(200);

            for (Socket one : crowd) {
                one.close();
            }
            long emptied = System.nanoTime();
            try (Socket fresh = Client.socks5(ugate.address(), "127.0.0.1", upstream.port())) {
                assertThat(Client.echoes(fresh, "back")).isTrue();
                assertThat(Duration.ofNanos(System.nanoTime() - emptied)).isLessThan(Duration.ofSeconds(1));
            }
            for (Socket tunnel : tunnels) {
                assertThat(Client.say(tunnel, "last")).isEqualTo("last");
            }
            await().untilAsserted(() ->
                    assertThat(ugate.metric("ugate_connections_open")).isZero());
            assertThat(ugate.ask("GET", "/healthz/ready")).startsWith("HTTP/1.1 200");
            assertThat(ugate.errors()).isEmpty();
            assertThat(ugate.said()).doesNotContain("Too many open files", "Exception");
            assertThat(ugate.terminate(Duration.ofSeconds(10))).isZero();
        }
    }
}
