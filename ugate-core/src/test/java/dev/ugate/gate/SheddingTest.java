package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.net.Loops;
import dev.ugate.spi.Journal;
import dev.ugate.testing.Waist;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SheddingTest {
    @Test
    void idleDeadlinesShrinkInAStraightLine() {
        Duration hour = Duration.ofHours(1);
        assertThat(Shedding.idle(hour, 0.5)).isEqualTo(hour);
        assertThat(Shedding.idle(hour, 0.8)).isEqualTo(hour);
        assertThat(Shedding.idle(hour, 0.875))
                .isBetween(Duration.ofMinutes(30), Duration.ofMinutes(30).plusSeconds(2));
        assertThat(Shedding.idle(hour, 0.95)).isEqualTo(Duration.ofSeconds(2));
        assertThat(Shedding.idle(hour, 1.2)).isEqualTo(Duration.ofSeconds(2));
        assertThat(Shedding.idle(Duration.ofSeconds(1), 1)).isEqualTo(Duration.ofSeconds(1));
    }

    private static Socket connect(Waist waist, ServerSocket server) throws IOException {
        Socket client = new Socket();
        client.connect((InetSocketAddress)
                waist.opaque(new HostPort("127.0.0.1", server.getLocalPort())).address());
        return client;
    }

    /** It is told right behind the stream's leaving the live ones. */
    private static Journal.Ended onlyEnd(Waist waist) {
        await().until(() -> !waist.notes.ended().isEmpty());
        assertThat(waist.notes.ended()).hasSize(1);
        return waist.notes.ended().get(0);
    }

    @Test
    void anIdleStreamGoesAfterTwoSecondsWhenMemoryIsNearlyGone() throws IOException {
        try (Waist waist = Waist.standard(Loops.Backend.EPOLL);
                ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                Socket client = connect(waist, server);
                Socket far = server.accept()) {
            Shedding shedding = new Shedding(waist.live);
            client.getOutputStream().write(1);
            assertThat(far.getInputStream().read()).isEqualTo(1);
            shedding.look(0.79);
            shedding.look(0.94);
            assertThat(waist.live.count()).isEqualTo(1);
            await().until(() -> {
                shedding.look(0.95);
                return waist.live.count() == 0;
            });
            assertThat(onlyEnd(waist).lasted()).isGreaterThan(Duration.ofSeconds(2));
            assertThat(onlyEnd(waist).refused()).hasValueSatisfying(why -> {
                assertThat(why.reason()).isEqualTo(Refusal.OVERLOADED);
                assertThat(why.text()).startsWith("limit overload: ").endsWith("idle");
            });
        }
    }

    @Test
    void aStreamThatHoldsBytesForASlowReaderGoesAtTheLastLevelOnly() throws IOException {
        try (Waist waist = Waist.standard(Loops.Backend.EPOLL);
                ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                Socket client = connect(waist, server);
                Socket far = server.accept()) {
            Thread writer = new Thread(() -> {
                try (OutputStream out = client.getOutputStream()) {
                    while (true) {
                        out.write(new byte[64 * 1024]);
                    }
                } catch (IOException cut) {
                    // As it should be.
                }
            });
            writer.start();
            Shedding shedding = new Shedding(waist.live);
            await().until(() -> waist.live.carried().get(0).waiting() > 0);
            shedding.look(0.94);
            assertThat(waist.live.count()).isEqualTo(1);
            await().until(() -> {
                shedding.look(0.96);
                return waist.live.count() == 0;
            });
            assertThat(onlyEnd(waist).refused())
                    .hasValueSatisfying(why -> assertThat(why.text()).endsWith("bytes wait for a slow reader"));
            assertThat(far.isConnected()).isTrue();
        }
    }
}
