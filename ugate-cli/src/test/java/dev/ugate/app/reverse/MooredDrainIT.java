package dev.ugate.app.reverse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.testing.Authority;
import dev.ugate.testing.Cable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
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
    private static final String GATE = "spiffe://mesh.test/ns/gate/sa/gate";
    private static final String EDGE = "spiffe://mesh.test/ns/edge/sa/db";
    private static final Authority AUTHORITY = Authority.create();

    /** Long enough to tell a drain that waits for its end from one that does not, and from {@code limits.reversePatience}. */
    private static final String TIMES = "timeouts: {sniffGrace: 5s, drain: 20s}\n";

    private static final Duration SOON = Duration.ofSeconds(4);

    @TempDir
    Path folder;

    private Upstream application;

    @BeforeEach
    void begin() throws IOException {
        application = Upstream.echo();
        AUTHORITY.writeRoot(folder);
        Authority.write(folder, "gate", AUTHORITY.issue(GATE));
        Authority.write(folder, "edge", AUTHORITY.issue(EDGE));
    }

    @AfterEach
    void end() throws IOException {
        application.close();
    }

    private Running gateway(String name, String carrier) throws IOException {
        return Running.of(
                Files.createDirectories(folder.resolve(name)),
                Running.OPEN,
                Running.LOCAL,
                TIMES,
                Authority.member(
                        folder,
                        "gate",
                        "carriers: [" + carrier + "]",
                        "reverseNames: [{name: \"*.edge.m\", from: [\"" + EDGE + "\"]}]"));
    }

    private Running node(String carrier, InetSocketAddress gateway) throws IOException {
        return Running.of(
                Files.createDirectories(folder.resolve("edge")),
                Running.OPEN,
                "policy: {default: deny, allow: [{name: through-the-gateway, from: [\"" + GATE + "\"]}]}\n",
                Authority.member(
                        folder,
                        "edge",
                        "carriers: [" + carrier + "]",
                        "reverse: [{gateway: \"127.0.0.1:" + gateway.getPort() + "\", identity: \"" + GATE
                                + "\", names: [db.edge.m]}]"));
    }

    private static void reached(Running gateway) {
        await().atMost(Duration.ofSeconds(20)).until(() -> gateway.metric("ugate_reverse_names") == 1);
    }

    private Socket stream(Running gateway) throws IOException {
        Socket client = Client.socks5(gateway.address(), "db.edge.m", application.port());
        assertThat(Client.echoes(client, "begun")).isTrue();
        return client;
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
            reached(gateway);
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
            reached(gateway);
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
            reached(leaving);
            CompletableFuture<Integer> end;
            try (Socket live = stream(leaving)) {
                cable.to(next.address());
                end = drain(leaving);
                reached(next);
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
            reached(gateway);
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
            reached(gateway);
            long begun = System.nanoTime();
            assertThat(drain(node).get(60, TimeUnit.SECONDS)).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
            await().atMost(Duration.ofSeconds(5)).until(() -> gateway.metric("ugate_reverse_tunnels") == 0);
        }
    }
}
