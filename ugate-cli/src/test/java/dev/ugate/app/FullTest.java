package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that holds as many connections as it may: listeners pause and go on, whoever makes room. */
final class FullTest {
    private static final int MOST = 4;

    @TempDir
    Path folder;

    private static double open(Running running) throws IOException {
        return running.metric("ugate_connections_open");
    }

    @Test
    void resumesListenerThatHoldsNoConnectionItself() throws IOException {
        String two =
                "listeners: [{address: \"127.0.0.1:0\", forward: open}, {address: \"127.0.0.2:0\", forward: open}]\n";
        try (Upstream upstream = Upstream.echo();
                Running running = Running.of(folder, two, Running.LOCAL, "limits: {connections: " + MOST + "}\n")) {
            InetSocketAddress first =
                    (InetSocketAddress) running.app().addresses().get(0);
            InetSocketAddress second =
                    (InetSocketAddress) running.app().addresses().get(1);
            List<Socket> held = new ArrayList<>();
            for (int i = 0; i < MOST; i++) {
                held.add(Client.socks5(first, "127.0.0.1", upstream.port()));
            }
            // The second listener accepts one, sees that this is one too many, and pauses; then that one goes.
            Socket passing = Client.socks5(second, "127.0.0.1", upstream.port());
            assertThat(open(running)).isEqualTo(MOST + 1);
            passing.close();
            await().untilAsserted(() -> assertThat(open(running)).isEqualTo(MOST));

            held.remove(0).close();
            try (Socket fresh = Client.socks5(second, "127.0.0.1", upstream.port())) {
                assertThat(Client.echoes(fresh, "room")).isTrue();
            }
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring", "nio"})
    void neverAcceptsMoreThanItMayAndServesAllInTurn(String backend) throws Exception {
        String most = "limits: {connections: " + MOST + "}\nloops: {count: 2, backend: " + backend + "}\n";
        try (Upstream upstream = Upstream.echo();
                Running running = Running.of(folder, Running.OPEN, Running.LOCAL, most)) {
            List<Socket> crowd = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                crowd.add(Client.connect(running.address()));
            }
            await().untilAsserted(() -> assertThat(open(running)).isEqualTo(MOST));
            for (Socket one : crowd) {
                assertThat(open(running)).isLessThanOrEqualTo(MOST);
                one.getOutputStream().write(new byte[] {
                    5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, (byte) (upstream.port() >> 8), (byte) upstream.port()
                });
                assertThat(Upstream.exactly(one.getInputStream(), 12)).startsWith(5, 0, 5, 0);
                one.close();
            }
            await().untilAsserted(() -> assertThat(open(running)).isZero());
        }
    }
}
