package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** F7: connections reset at random points of every stage, through the real process. */
@Timeout(300)
final class ResetsIT {
    private static final int AT_ONCE = 16;

    @TempDir
    Path folder;

    /** One connection in a stage of its life, cut there. */
    private static void cut(Spawned ugate, int upstream, Random random) throws IOException {
        byte[] socks = {5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, (byte) (upstream >> 8), (byte) upstream};
        byte[] connect =
                ("CONNECT 127.0.0.1:" + upstream + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] get = ("GET http://127.0.0.1:" + upstream + "/ HTTP/1.1\r\nHost: x\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] head = List.of(socks, connect, get).get(random.nextInt(3));
        try (Socket socket = Client.connect(ugate.address())) {
            socket.setSoLinger(true, 0);
            int handshake = random.nextInt(head.length + 1);
            socket.getOutputStream().write(head, 0, handshake);
            if (handshake < head.length && random.nextBoolean()) {
                return;
            }
            socket.getOutputStream().write(head, handshake, head.length - handshake);
            int rounds = random.nextInt(4);
            for (int i = 0; i < rounds; i++) {
                socket.getOutputStream().write(new byte[random.nextInt(100_000)]);
                if (random.nextBoolean() && socket.getInputStream().read(new byte[random.nextInt(10_000) + 1]) < 0) {
                    return;
                }
            }
            if (random.nextInt(5) == 0) {
                socket.shutdownOutput();
            }
        } catch (IOException theOtherSideWasFaster) {
            // That is one of the points, too.
        }
    }

    /** Echoes for a while, then resets, or ends, or goes on. */
    private static void moody(Socket socket) throws IOException {
        Random random = new Random();
        if (random.nextInt(4) == 0) {
            socket.setSoLinger(true, 0);
        }
        byte[] chunk = new byte[20_000];
        int rounds = random.nextInt(12);
        for (int i = 0, n = 0; i < rounds && n >= 0; i++) {
            n = socket.getInputStream().read(chunk);
            socket.getOutputStream().write(chunk, 0, Math.max(0, n));
        }
    }

    private void resets(int count) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        try (Upstream moody = Upstream.of(ResetsIT::moody);
                Upstream echo = Upstream.echo();
                Spawned ugate = Spawned.of(
                        folder,
                        List.of(),
                        List.of("-Xmx96m", "-Dio.netty.leakDetection.level=paranoid"),
                        Running.OPEN,
                        Running.LOCAL);
                Socket bystander = Client.socks5(ugate.address(), "127.0.0.1", echo.port())) {
            // What a first stream loads stays open: it is part of the baseline.
            many(pool, AT_ONCE, ugate, moody.port(), 1);
            settled(ugate);
            long descriptors = ugate.descriptors();

            many(pool, count, ugate, moody.port(), 2);

            assertThat(Client.echoes(bystander, "untouched")).isTrue();
            settled(ugate);
            await().untilAsserted(() -> assertThat(ugate.descriptors()).isLessThanOrEqualTo(descriptors + 2));
            assertThat(ugate.metric("ugate_handshakes")).isZero();
            assertThat(ugate.errors()).isEmpty();
            assertThat(ugate.said()).doesNotContain("LEAK", "\"reason\":\"internal\"");
            bystander.close();
            assertThat(ugate.terminate(Duration.ofSeconds(10))).isZero();
        } finally {
            pool.shutdownNow();
        }
    }

    private static void many(ExecutorService pool, int count, Spawned ugate, int upstream, long seed) throws Exception {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Random random = new Random(seed * 1_000_003 + i);
            all.add(pool.submit((Callable<?>) () -> {
                cut(ugate, upstream, random);
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get(60, TimeUnit.SECONDS);
        }
    }

    private static void settled(Spawned ugate) {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(ugate.metric("ugate_connections_open")).isEqualTo(1);
            assertThat(ugate.metric("ugate_streams_live")).isEqualTo(1);
        });
    }

    @Test
    void leavesNothingBehindAfterAThousandResets() throws Exception {
        resets(1_000);
    }

    @Test
    @Tag("long")
    void leavesNothingBehindAfterTwentyThousandResets() throws Exception {
        resets(20_000);
    }
}
