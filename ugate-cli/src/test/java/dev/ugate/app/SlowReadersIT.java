package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** F12: hundreds of peers that do not read, each with a MiB pending, on a heap and buffers of 64 MiB each. */
@Timeout(150)
final class SlowReadersIT {
    private static final int MEMORY = 64 << 20;
    private static final int LITTLE = 48 << 20;
    private static final byte[] PENDING = new byte[1 << 20];

    static {
        new Random(12).nextBytes(PENDING);
    }

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch read = new CountDownLatch(1);

    @AfterEach
    void stop() {
        read.countDown();
        threads.shutdownNow();
    }

    /** Sends a MiB at once, reads only when told, and answers whether it read the MiB whole. */
    private void patient(Socket socket) throws IOException {
        var upload = CompletableFuture.runAsync(() -> send(socket), threads);
        try {
            read.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        boolean whole = hears(socket.getInputStream());
        upload.join();
        socket.getOutputStream().write(whole ? 1 : 0);
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
    }

    /** Whether the MiB comes whole; a thousand of them do not fit into this process. */
    private static boolean hears(InputStream in) throws IOException {
        byte[] part = new byte[8192];
        int at = 0;
        while (at < PENDING.length) {
            int octets = in.read(part, 0, Math.min(part.length, PENDING.length - at));
            if (octets < 0 || !Arrays.equals(part, 0, octets, PENDING, at, at + octets)) {
                return false;
            }
            at += octets;
        }
        return true;
    }

    private static void send(Socket socket) {
        try {
            socket.getOutputStream().write(PENDING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean exchange(Socket socket) throws IOException {
        var upload = CompletableFuture.runAsync(() -> send(socket), threads);
        boolean whole = hears(socket.getInputStream());
        upload.join();
        int verdict = socket.getInputStream().read();
        socket.close();
        return verdict == 1 && whole;
    }

    private static Socket narrow(InetSocketAddress proxy, int port) throws IOException {
        Socket socket = Client.socks5(proxy, "127.0.0.1", port);
        socket.setSoTimeout(90_000);
        return socket;
    }

    private Spawned small() throws Exception {
        return Spawned.of(
                folder,
                List.of(),
                List.of("-Xmx64m", "-XX:MaxDirectMemorySize=" + MEMORY),
                Running.OPEN,
                Running.LOCAL,
                "limits: {connections: 2000}\n");
    }

    /** {@code most} is how much of the 64 MiB may be held meanwhile; where it is all of it, some may be cut, and the log says why. */
    private void survives(int peers, int most) throws Exception {
        try (Upstream upstream = Upstream.of(this::patient);
                Spawned ugate = small()) {
            List<Socket> tunnels = new ArrayList<>();
            int refused = 0;
            for (int i = 0; i < peers; i++) {
                try {
                    tunnels.add(narrow(ugate.address(), upstream.port()));
                } catch (IOException overloaded) {
                    assertThat(overloaded).hasMessage("socks5 reply 1");
                    refused++;
                }
            }
            assertThat(tunnels).hasSizeGreaterThan(peers / 4);
            List<CompletableFuture<Optional<Boolean>>> results = new ArrayList<>();
            CountDownLatch begun = new CountDownLatch(tunnels.size());
            for (Socket tunnel : tunnels) {
                results.add(CompletableFuture.supplyAsync(
                        () -> {
                            begun.countDown();
                            return survives(tunnel);
                        },
                        threads));
            }
            assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
            await().atMost(Duration.ofSeconds(20)).until(() -> steady(ugate));
            holds(ugate, most);

            read.countDown();
            int cut = 0;
            for (var result : results) {
                Optional<Boolean> whole = result.get(80, TimeUnit.SECONDS);
                assertThat(whole).isNotEqualTo(Optional.of(false));
                cut += whole.isEmpty() ? 1 : 0;
            }
            assertThat(refused + results.size()).isEqualTo(peers);
            assertThat(cut).isLessThanOrEqualTo(most < MEMORY ? 0 : peers / 2);
            await().untilAsserted(
                            () -> assertThat(ugate.metric("ugate_streams_live")).isZero());
            try (Socket after = Client.socks5(ugate.address(), "127.0.0.1", upstream.port())) {
                assertThat(exchange(after)).isTrue();
            }
            assertThat(ugate.errors()).isEmpty();
            assertThat(ugate.said().lines().filter(line -> line.contains("\"reason\":\"overloaded\"")))
                    .hasSize(refused + cut);
            assertThat(ugate.said()).doesNotContain("OutOfMemory");
            assertThat(ugate.terminate(Duration.ofSeconds(10))).isZero();
        }
    }

    /** Whether what it says and hears is whole; empty where it was reset. */
    private Optional<Boolean> survives(Socket tunnel) {
        try {
            send(tunnel);
            read.await();
            return Optional.of(exchangeRest(tunnel));
        } catch (IOException | UncheckedIOException reset) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nobody reads: what is held is bounded, and the process answers. */
    private static void holds(Spawned ugate, int most) throws IOException {
        double taken = ugate.metric("ugate_direct_memory_bytes");
        assertThat(taken).isLessThan(most);
        assertThat(ugate.metric("ugate_direct_memory_held_bytes")).isBetween(1.0, taken);
        assertThat(ugate.ask("GET", "/healthz/live")).startsWith("HTTP/1.1 200");
        assertThat(ugate.ask("GET", "/healthz/ready")).startsWith("HTTP/1.1 200");
    }

    /** Answers every request of a connection with the MiB. */
    private static void answer(Socket socket) throws IOException {
        while (!line(socket.getInputStream()).isEmpty()) {
            while (!line(socket.getInputStream()).isEmpty()) {}
            String head = "HTTP/1.1 200 OK\r\nContent-Length: " + PENDING.length + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(PENDING);
        }
    }

    /** Without its end; empty at the end of the stream. */
    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int c; (c = in.read()) >= 0 && c != '\n'; ) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    private static Socket ask(Spawned ugate, Upstream origin) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(90_000);
        socket.connect(ugate.address());
        String request = "GET http://%1$s/ HTTP/1.1\r\nHost: %1$s\r\n\r\n".formatted(origin.at());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static boolean hears(Socket socket) {
        try (socket) {
            while (!line(socket.getInputStream()).isEmpty()) {}
            return hears(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Socket> asked(Spawned ugate, Upstream origin, int clients) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            sockets.add(ask(ugate, origin));
        }
        return sockets;
    }

    private void allHear(List<Socket> sockets) throws Exception {
        List<CompletableFuture<Boolean>> heard = sockets.stream()
                .map(socket -> CompletableFuture.supplyAsync(() -> hears(socket), threads))
                .toList();
        for (var result : heard) {
            assertThat(result.get(80, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static boolean exchangeRest(Socket socket) throws IOException {
        boolean whole = hears(socket.getInputStream());
        int verdict = socket.getInputStream().read();
        socket.close();
        return verdict == 1 && whole;
    }

    /** Whether nothing moves any more. */
    private static boolean steady(Spawned ugate) throws IOException, InterruptedException {
        double before = ugate.metric("ugate_direct_memory_bytes");
        Duration busy = ugate.cpu();
        new CountDownLatch(1).await(700, TimeUnit.MILLISECONDS);
        return ugate.metric("ugate_direct_memory_bytes") == before
                && ugate.cpu().minus(busy).toMillis() < 200;
    }

    @Test
    void holdsLittleForThreeHundredAndLosesNothing() throws Exception {
        survives(300, LITTLE);
    }

    /** Replies on connections to their origin from which large ones were read before, and quickly. */
    @Test
    void holdsLittleForThreeHundredReplies() throws Exception {
        try (Upstream origin = Upstream.of(SlowReadersIT::answer);
                Spawned ugate = small()) {
            for (int round = 0; round < 5; round++) {
                allHear(asked(ugate, origin, 20));
            }
            List<Socket> clients = asked(ugate, origin, 300);
            await().atMost(Duration.ofSeconds(20)).until(() -> steady(ugate));
            holds(ugate, LITTLE);
            allHear(clients);
            assertThat(ugate.errors()).isEmpty();
        }
    }

    @Test
    @Tag("long")
    void whoSurvivesOfAThousandIsWhole() throws Exception {
        survives(1_000, MEMORY);
    }
}
