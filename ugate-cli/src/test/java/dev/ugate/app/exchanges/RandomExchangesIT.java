package dev.ugate.app.exchanges;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Running;
import dev.ugate.testing.Authority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * E3, E4: whatever two peers do to each other, an answer is whole or seen to be broken, and none is another's. A failure names its
 * exchanges; {@code -Dugate.exchanges.seed} draws others, {@code -Dugate.exchanges.count} more.
 */
@Tag("interop")
@Timeout(600)
final class RandomExchangesIT {
    private static final int COUNT = Integer.getInteger("ugate.exchanges.count", 1_500);
    private static final int SEED = Integer.getInteger("ugate.exchanges.seed", 5);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "nio"})
    void areWholeOrBroken(String backend) throws Exception {
        try (JettyUpstream upstream = new JettyUpstream();
                Running gate = gate("gate", backend, upstream.at(1), upstream.at(2));
                JettyClient client = new JettyClient(gate.address())) {
            arePlayed(client, upstream, gate);
        }
    }

    @Test
    void areWholeOrBrokenThroughTwoGates() throws Exception {
        try (JettyUpstream upstream = new JettyUpstream();
                Running back = gate("back", "epoll", upstream.at(1), upstream.at(2));
                Running front = gate("front", "epoll", at(back), at(back));
                JettyClient client = new JettyClient(front.address())) {
            arePlayed(client, upstream, front, back);
        }
    }

    /** Requests to {@code /1} go out over HTTP/1.1, those to {@code /2} over HTTP/2. */
    private Running gate(String name, String backend, String one, String two) throws IOException {
        Path own = Files.createDirectory(folder.resolve(name));
        Authority.write(own, "gate", Authority.create().issue(JettyClient.NAME));
        return Running.of(own, """
                listeners: [{address: "127.0.0.1:0", forward: none}]
                routes:
                  - {name: one, match: {path: /1}, to: "%s"}
                  - {name: two, match: {path: /2}, to: "%s", upstream: {http: h2}}
                tls: {certificates: [{cert: gate.pem, key: gate.key}]}
                limits: {retryBody: 4MiB, http2Resets: 100000}
                loops: {count: 2, backend: %s}
                """.formatted(one, two, backend), Running.LOCAL);
    }

    private static String at(Running gate) {
        return "127.0.0.1:" + gate.address().getPort();
    }

    private static void arePlayed(JettyClient client, JettyUpstream upstream, Running... gates)
            throws InterruptedException {
        assertThat(faults(client)).as(() -> bugs(gates)).isEmpty();
        // Whoever left is known to have left, on the other side too.
        await().atMost(20, TimeUnit.SECONDS).until(() -> upstream.underWay() == 0);
    }

    /** What the gates themselves hold for their own fault. */
    private static String bugs(Running... gates) {
        StringBuilder all = new StringBuilder();
        for (Running gate : gates) {
            try {
                gate.log().stream()
                        .filter(line -> line.contains("\"level\":\"error\""))
                        .forEach(line -> all.append(line).append('\n'));
            } catch (IOException unread) {
                all.append(unread).append('\n');
            }
        }
        return all.toString();
    }

    private static List<String> faults(JettyClient client) throws InterruptedException {
        return Crowd.faults(COUNT, (player, number) -> {
            Exchange exchange = Exchange.of(SEED + "-" + number);
            return client.play(exchange).faults(exchange).stream()
                    .map(fault -> fault + " of " + exchange)
                    .toList();
        });
    }
}
