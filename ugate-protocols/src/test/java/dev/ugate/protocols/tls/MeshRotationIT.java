package dev.ugate.protocols.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity.End;
import dev.ugate.net.tls.LiveProofs.Cut;
import dev.ugate.testing.Members;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Both gates renew what they show again and again under load: no connection fails, and the one stream that is held throughout outlives
 * the certificates that it began with (decision 15).
 */
@Timeout(240)
final class MeshRotationIT {
    private static final String WEB = "spiffe://mesh.test/ns/a/sa/web";
    private static final String DB = "spiffe://mesh.test/ns/a/sa/db";
    private static final int CLIENTS = 2;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger carried = new AtomicInteger();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final Instant begun = Instant.now();

    @AfterEach
    void stop() {
        over.set(true);
        threads.shutdownNow();
    }

    /** Ten times as fast as the other: a second is ten for the gates. */
    @Test
    void everySecondForTwentySeconds() throws Exception {
        rotate(10, 20, Duration.ofSeconds(1));
    }

    @Test
    @Tag("long")
    void everyTenSecondsForTwoMinutes() throws Exception {
        rotate(1, 12, Duration.ofSeconds(10));
    }

    private void rotate(int speed, int times, Duration every) throws Exception {
        Duration life = every.multipliedBy(2L * speed);
        Members mesh = new Members(
                () -> begun.plus(Duration.between(begun, Instant.now()).multipliedBy(speed)));
        try (MeshGate web = new MeshGate(mesh, mesh.issue(mesh.now().plus(life), WEB));
                MeshGate db = new MeshGate(mesh, mesh.issue(mesh.now().plus(life), DB))) {
            int port = web.listen(Optional.empty());
            web.way(
                    db.listen(Optional.of(new HostPort("127.0.0.1", echo()))),
                    DB,
                    List.of(Carrier.MESH_TLS, Carrier.TCP));
            List<Future<?>> clients = new ArrayList<>();
            try (Socket held = MeshGate.socks(port, "db.m")) {
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(threads.submit(() -> load(port)));
                }
                for (int i = 0; i < times; i++) {
                    assertThat(over.get()).isFalse();
                    TimeUnit.MILLISECONDS.sleep(every.toMillis());
                    web.show(mesh.issue(mesh.now().plus(life), WEB));
                    db.show(mesh.issue(mesh.now().plus(life), DB));
                    echoes(held);
                }
                over.set(true);
                for (Future<?> client : clients) {
                    client.get(20, TimeUnit.SECONDS);
                }
                echoes(held);
                assertThat(failed).isEmpty();
                assertThat(carried.get()).isGreaterThan(times);
                assertThat(db.proofs.count(End.CLIENT)).isPositive();
            }
            assertThat(db.proofs.ended(Cut.EXPIRED) + web.proofs.ended(Cut.EXPIRED))
                    .isZero();
        }
    }

    /** One connection after the other. */
    private void load(int port) {
        while (!over.get()) {
            try (Socket client = MeshGate.socks(port, "db.m")) {
                echoes(client);
                carried.incrementAndGet();
            } catch (IOException | AssertionError e) {
                failed.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private static void echoes(Socket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
    }

    /** Echoes on every connection until the test is over. */
    private int echo() throws IOException {
        ServerSocket server = new ServerSocket(0);
        threads.submit(() -> {
            try (server) {
                while (true) {
                    Socket socket = server.accept();
                    threads.submit(() -> {
                        try (socket) {
                            socket.getInputStream().transferTo(socket.getOutputStream());
                        }
                        return null;
                    });
                }
            }
        });
        return server.getLocalPort();
    }
}
