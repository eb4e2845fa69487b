package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.Authority;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The files of two instances are replaced again and again while streams go through a carrier of the mesh between them: none fails, and the one that is
 * held throughout outlives the certificates that it began with.
 */
@Timeout(300)
final class MeshRotationIT {
    private static final String WEB = "spiffe://mesh.test/ns/a/sa/web";
    private static final String DB = "spiffe://mesh.test/ns/a/sa/db";
    private static final String NAME = "db.example";
    private static final Authority AUTHORITY = Authority.create();
    private static final int CLIENTS = 4;

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger carried = new AtomicInteger();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stop() {
        over.set(true);
        threads.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void everyThreeSecondsForAQuarterOfAMinute(String carrier) throws Exception {
        rotate(carrier, 5, Duration.ofSeconds(3));
    }

    /** Longer than certificates and the difference of clocks, so that only newer proofs keep the held stream alive. */
    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    @Tag("long")
    void everyTenSecondsForTwoMinutes(String carrier) throws Exception {
        rotate(carrier, 12, Duration.ofSeconds(10));
    }

    private void rotate(String carrier, int times, Duration every) throws Exception {
        AUTHORITY.writeRoot(folder);
        renew(every);
        try (Upstream target = Upstream.echo();
                Running db = instance("db", "127.0.0.1:" + target.port(), "");
                Running web = instance(
                        "web",
                        "127.0.0.1:" + db.address().getPort(),
                        ", via: [" + carrier + "], identity: \"" + DB + "\"");
                Socket held = Client.socks5(web.address(), NAME, 5432)) {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(() -> load(web)));
            }
            for (int i = 0; i < times; i++) {
                TimeUnit.MILLISECONDS.sleep(every.toMillis());
                renew(every);
                echoes(held);
                assertThat(failed)
                        .as("%s", failed.isEmpty() ? "" : refusals(web))
                        .isEmpty();
            }
            over.set(true);
            for (Future<?> client : clients) {
                client.get(20, TimeUnit.SECONDS);
            }
            echoes(held);
            assertThat(failed).isEmpty();
            assertThat(carried.get()).isGreaterThan(times * CLIENTS);
            // As many connections as credentials, or a few more: what is renewed begins again.
            assertThat(web.metric("ugate_mesh_dialled_total")).isGreaterThan(times / 2.0);
            assertThat(db.metric("ugate_members_expired_total")).isZero();
        }
    }

    private void renew(Duration every) {
        Instant end = Instant.now().plus(every.multipliedBy(2)).plusSeconds(4);
        Authority.write(folder, "db", AUTHORITY.issue(end, DB));
        Authority.write(folder, "web", AUTHORITY.issue(end, WEB));
    }

    private Running instance(String name, String endpoint, String more) throws IOException {
        return Running.of(
                Files.createDirectory(folder.resolve("of-" + name)),
                Running.OPEN,
                Authority.member(folder, name),
                "discovery: {config: {services: [{name: " + NAME + ", endpoints: [\"" + endpoint + "\"]" + more
                        + "}]}}\n",
                Running.LOCAL);
    }

    /** What the client's reply 4 does not tell. */
    private static String refusals(Running web) throws IOException {
        return web.log().stream().filter(line -> line.contains("\"error\"")).collect(Collectors.joining("\n"));
    }

    /** One stream after the other. */
    private void load(Running web) {
        while (!over.get()) {
            try (Socket client = Client.socks5(web.address(), NAME, 5432)) {
                echoes(client);
                carried.incrementAndGet();
            } catch (IOException | AssertionError e) {
                failed.add(Instant.now() + " " + e.getMessage());
            }
        }
    }

    private static void echoes(Socket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
    }
}
