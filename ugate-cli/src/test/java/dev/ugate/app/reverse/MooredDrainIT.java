package dev.ugate.app.reverse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.testing.Cable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway, or a node moored at it, that ends as a whole: it waits for the streams between them, and for nothing else. */
@Timeout(120)
final class MooredDrainIT {
    /** Long enough to tell a drain that waits for its end from one that does not, and from {@code limits.reversePatience}. */
    private static final String TIMES = "timeouts: {sniffGrace: 5s, drain: 20s}\n";

    private static final Duration SOON = Duration.ofSeconds(4);

    @TempDir
    Path folder;

    private Moored moored;

    @BeforeEach
    void begin() throws IOException {
        moored = new Moored(folder);
    }

    @AfterEach
    void end() throws IOException {
        moored.close();
    }

    private Running gateway(String name, String carrier) throws IOException {
        String names = "reverseNames: [{name: \"*.edge.m\", from: [\"" + Moored.EDGE + "\"]}]";
        return moored.start(name, Running.OPEN, Running.LOCAL, TIMES, moored.mesh("gate", carrier, names));
    }

    private Running node(String carrier, InetSocketAddress gateway) throws IOException {
        String reverse = "reverse: [{gateway: \"127.0.0.1:" + gateway.getPort() + "\", identity: \"" + Moored.GATE
                + "\", names: [db.edge.m]}]";
        return moored.start(
                "edge", Running.OPEN, Moored.policy("\"" + Moored.GATE + "\""), moored.mesh("edge", carrier, reverse));
    }

    private Socket stream(Running gateway) throws IOException {
        return moored.stream(gateway, "db.edge.m");
    }

    private static CompletableFuture<Integer> drain(Running gateway) {
        gateway.app().drain();
        return CompletableFuture.supplyAsync(gateway.app()::awaitEnd);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aNodeThatNobodyTalksToIsNotWaitedFor(String carrier) throws Exception {
        try (Running gateway = gateway("gate", carrier);
                Running node = node(carrier, gateway.address())) {
            Moored.reached(gateway);
            long begun = System.nanoTime();
            CompletableFuture<Integer> end = drain(gateway);
            assertThat(end.get(60, TimeUnit.SECONDS)).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
            await().atMost(Duration.ofSeconds(5)).until(() -> node.metric("ugate_reverse_gateways") == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aStreamToANodeEndsInItsOwnTimeAndTheProcessWithIt(String carrier) throws Exception {
        try (Running gateway = gateway("gate", carrier);
                Running node = node(carrier, gateway.address())) {
            Moored.reached(gateway);
            CompletableFuture<Integer> end;
            long finished;
            try (Socket live = stream(gateway)) {
                end = drain(gateway);
                await().atMost(Duration.ofSeconds(5)).until(() -> gateway.metric("ugate_reverse_names") == 0);
                assertThat(Client.echoes(live, "goes on")).isTrue();
                assertThat(end).isNotDone();
                assertThat(Client.say(live, "finish")).isEqualTo("finish");
                finished = System.nanoTime();
            }
            assertThat(end.get(60, TimeUnit.SECONDS)).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - finished)).isLessThan(SOON);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aNodeGoesToTheNextGatewayWhileTheOneBeforeFinishes(String carrier) throws Exception {
        try (Running leaving = gateway("leaving", carrier);
                Running next = gateway("next", carrier);
                Cable cable = new Cable(leaving.address());
                Running node = node(carrier, cable.address())) {
            Moored.reached(leaving);
            CompletableFuture<Integer> end;
            try (Socket live = stream(leaving)) {
                cable.to(next.address());
                end = drain(leaving);
                Moored.reached(next);
                try (Socket other = stream(next)) {
                    assertThat(Client.say(other, "there")).isEqualTo("there");
                }
                assertThat(end).isNotDone();
                assertThat(Client.say(live, "here")).isEqualTo("here");
            }
            assertThat(end.get(60, TimeUnit.SECONDS)).isZero();
            assertThat(node.log()).noneMatch(line -> line.contains("not reachable at gateway"));
        }
    }

    /** The other end: what comes to a node through its own connection is a live stream of the node's, too. */
    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aNodeThatEndsLetsTheStreamsThatCameToItFinish(String carrier) throws Exception {
        try (Running gateway = gateway("gate", carrier);
                Running node = node(carrier, gateway.address())) {
            Moored.reached(gateway);
            CompletableFuture<Integer> end;
            try (Socket live = stream(gateway)) {
                end = drain(node);
                await().atMost(Duration.ofSeconds(5)).until(() -> gateway.metric("ugate_reverse_names") == 0);
                assertThat(Client.echoes(live, "goes on")).isTrue();
                assertThat(end).isNotDone();
                assertThat(Client.say(live, "finish")).isEqualTo("finish");
            }
            assertThat(end.get(60, TimeUnit.SECONDS)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"hbone", "ssh"})
    void aNodeThatEndsWithoutAStreamEndsAtOnce(String carrier) throws Exception {
        try (Running gateway = gateway("gate", carrier);
                Running node = node(carrier, gateway.address())) {
            Moored.reached(gateway);
            long begun = System.nanoTime();
            assertThat(drain(node).get(60, TimeUnit.SECONDS)).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
            await().atMost(Duration.ofSeconds(5)).until(() -> gateway.metric("ugate_reverse_tunnels") == 0);
        }
    }
}
