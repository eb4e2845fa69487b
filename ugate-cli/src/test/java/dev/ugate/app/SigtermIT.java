package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** F3: SIGTERM with 200 connections, 50 of which can finish within the drain time. */
@Timeout(120)
final class SigtermIT {
    private static final int CONNECTIONS = 200;
    private static final int ABLE = 50;
    private static final Duration LAME = Duration.ofSeconds(3);
    private static final Duration DRAIN = Duration.ofSeconds(4);

    @TempDir
    Path folder;

    private final ExecutorService pool = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    /** A transfer that takes about two seconds whatever the machine does, and whether it came back whole. */
    private static boolean transfers(Socket socket, long seed, CountDownLatch begun) throws IOException {
        Random random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            byte[] sent = new byte[20_000];
            random.nextBytes(sent);
            socket.getOutputStream().write(sent);
            if (!Arrays.equals(Upstream.exactly(socket.getInputStream(), sent.length), sent)) {
                return false;
            }
            if (i == 0) {
                begun.countDown();
            }
            LockSupport.parkNanos(100_000_000);
        }
        return Client.say(socket, "end").equals("end");
    }

    @Test
    void letsThoseFinishThatCanAndEndsInTime() throws Exception {
        try (Upstream upstream = Upstream.echo();
                Spawned ugate = Spawned.of(
                        folder,
                        List.of(),
                        List.of("-Xmx128m"),
                        Running.OPEN,
                        Running.LOCAL,
                        "timeouts: {drain: " + DRAIN.toSeconds() + "s}\n")) {
            List<Socket> idle = new ArrayList<>();
            for (int i = ABLE; i < CONNECTIONS; i++) {
                Socket socket = Client.socks5(ugate.address(), "127.0.0.1", upstream.port());
                assertThat(Client.echoes(socket, "here")).isTrue();
                idle.add(socket);
            }
            CountDownLatch begun = new CountDownLatch(ABLE);
            List<CompletableFuture<Boolean>> able = new ArrayList<>();
            for (int i = 0; i < ABLE; i++) {
                Socket socket = Client.socks5(ugate.address(), "127.0.0.1", upstream.port());
                long seed = i;
                able.add(CompletableFuture.supplyAsync(
                        () -> {
                            try (socket) {
                                return transfers(socket, seed, begun);
                            } catch (IOException e) {
                                return false;
                            }
                        },
                        pool));
            }
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

            long told = System.nanoTime();
            int code = ugate.terminate(DRAIN.plusSeconds(20));
            Duration took = Duration.ofNanos(System.nanoTime() - told);

            assertThat(code).isZero();
            assertThat(took).isBetween(DRAIN.minusMillis(200), DRAIN.plusSeconds(1));
            for (var one : able) {
                assertThat(one.get(1, TimeUnit.SECONDS)).isTrue();
            }
            for (Socket socket : idle) {
                assertThat(cut(socket))
                        .as("a stream that could not finish must not look finished")
                        .isTrue();
            }
            assertThat(ugate.errors()).isEmpty();
        }
    }

    private static boolean cut(Socket socket) {
        try (socket) {
            return socket.getInputStream().read() >= 0;
        } catch (IOException reset) {
            return true;
        }
    }

    @Test
    void endsAtOnceWhenIdleAndAtTheSecondSignalOtherwise() throws Exception {
        try (Spawned idle = Spawned.of(folder, List.of(), List.of(), Running.OPEN, Running.LOCAL)) {
            long told = System.nanoTime();
            assertThat(idle.terminate(Duration.ofSeconds(20))).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(Duration.ofSeconds(2));
        }
        try (Upstream upstream = Upstream.echo();
                Spawned busy = Spawned.of(folder, List.of(), List.of(), Running.OPEN, Running.LOCAL);
                Socket live = Client.socks5(busy.address(), "127.0.0.1", upstream.port())) {
            busy.process().destroy();
            assertThat(busy.process().waitFor(500, TimeUnit.MILLISECONDS)).isFalse();
            assertThat(Client.echoes(live, "draining")).isTrue();
            assertThat(busy.terminate(Duration.ofSeconds(5))).isZero();
        }
    }

    /** Balancers go on sending for some seconds after they were told. */
    @Test
    void aLameDuckServesAndSaysThatItLeaves() throws Exception {
        try (Upstream upstream = Upstream.echo();
                Spawned ugate = Spawned.of(
                        folder,
                        List.of(),
                        List.of(),
                        Running.OPEN,
                        Running.LOCAL,
                        "timeouts: {lameDuck: " + LAME.toSeconds() + "s}\n",
                        "routes: [{name: health, match: {path: /healthz}, local: {health: true}}]\n")) {
            assertThat(health(ugate)).isEqualTo(200);
            long told = System.nanoTime();
            ugate.process().destroy();
            await().atMost(LAME.minusSeconds(1))
                    .untilAsserted(() -> assertThat(health(ugate)).isEqualTo(503));
            try (Socket late = Client.socks5(ugate.address(), "127.0.0.1", upstream.port())) {
                assertThat(Client.echoes(late, "late")).isTrue();
            }
            assertThat(ugate.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - told)).isBetween(LAME, LAME.plusSeconds(2));
            assertThat(ugate.process().exitValue()).isZero();
            assertThat(ugate.errors()).isEmpty();
        }
    }

    private static int health(Spawned ugate) throws IOException {
        try (Socket socket = Client.connect(ugate.address())) {
            socket.getOutputStream()
                    .write("GET /healthz HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return Integer.parseInt(answer.split(" ", 3)[1]);
        }
    }
}
