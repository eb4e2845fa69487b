package dev.ugate.app.http;

import static dev.ugate.app.http.RawHttp2.ENHANCE_YOUR_CALM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Programs;
import dev.ugate.app.Running;
import dev.ugate.app.Spawned;
import dev.ugate.app.http.RawHttp2.End;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** T46, T50–T56: floods and slowness are ended at their limits, while others are served as before. */
@Tag("interop")
@Timeout(120)
final class FloodIT {
    private static final String HOST = "web.one.example";
    private static final int PATIENCE_MILLIS = 15_000;
    private static final int SLOW = 200;
    private static final long PAUSE_MILLIS = 50;
    private static final String OPEN = "ugate_connections_open";
    private static final String ACCEPTED = "ugate_connections_accepted_total";

    /** The request head's 10 s (L15), the others' 4 s twice, and what a busy machine adds. */
    private static final Duration LIMIT = Duration.ofSeconds(25);

    /** What a healthy request may take on a noisy machine whatever it took before. */
    private static final double FLOOR_MILLIS = 50;

    /** What it may take where others wanted the processors before anything was attacked. */
    private static final double CROWDED_MILLIS = 5_000;

    /** How much longer than its origin alone takes meanwhile: others may want the processors too. */
    private static final double DETOUR = 4;

    @TempDir
    static Path folder;

    private static Origin origin;
    private static Programs programs;
    private static Spawned ugate;
    private static double idle;
    private static boolean crowded;

    @BeforeAll
    static void start() throws Exception {
        Peers.require("slowhttptest");
        origin = new Origin();
        programs = new Programs(folder);
        ugate = Spawned.of(folder, List.of(), List.of("-Xmx256m"), """
                listeners: [{address: "127.0.0.1:0", forward: none}]
                routes: [{name: web, match: {host: ["%s", "127.0.0.1"]}, to: "%s"}]
                timeouts: {writeStall: 4s, bodyIdle: 4s}
                """.formatted(HOST, origin.at()), Running.LOCAL);
        Healthy.idle(ugate.address(), HOST, Duration.ofSeconds(2)); // warm
        crowded = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()
                > Runtime.getRuntime().availableProcessors();
        idle = Healthy.idle(ugate.address(), HOST, Duration.ofSeconds(2));
    }

    private static double allowed(double machine) {
        return crowded ? CROWDED_MILLIS : Math.max(Math.max(2 * idle, FLOOR_MILLIS), DETOUR * machine);
    }

    @AfterAll
    static void stop() throws IOException {
        if (ugate != null) {
            ugate.close();
            programs.close();
            origin.close();
        }
    }

    private static RawHttp2 attacker(int... settings) throws IOException {
        return new RawHttp2(ugate.address(), HOST, PATIENCE_MILLIS, settings);
    }

    /** Somebody who is served as before while others attack, and the same request where nothing is between, for what the machine does. */
    private record Bystander(Healthy through, Healthy past) implements AutoCloseable {
        static Bystander begin() {
            return new Bystander(new Healthy(ugate.address(), HOST), new Healthy(origin.address(), HOST));
        }

        void unharmed(String what, TestReporter reporter) throws InterruptedException {
            double under = through.p99();
            double machine = past.p99();
            String figure = "%.2f ms, idle %.2f ms, ratio %.2f, origin alone %.2f ms"
                    .formatted(under, idle, under / idle, machine);
            reporter.publishEntry("healthy p99 under " + what, figure);
            assertThat(under).as("healthy p99 under %s: %s", what, figure).isLessThan(allowed(machine));
        }

        @Override
        public void close() {
            through.close();
            past.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Flood.class)
    void endsTheConnectionOfAFlood(Flood flood) throws Exception {
        int before = settled();
        try (RawHttp2 to = attacker()) {
            End end = flood.sayTooMany(to).end();
            assertThat(end.code()).as("%s: GOAWAY", flood).isEqualTo(ENHANCE_YOUR_CALM);
        }
        assertThat(origin.requests() - before).isLessThanOrEqualTo(flood.most + 1);
    }

    @ParameterizedTest
    @EnumSource(Flood.class)
    void bearsWhatAFloodIsAllowed(Flood flood) throws Exception {
        // A little below the limit: the frames of the beginning count too.
        try (RawHttp2 to = attacker()) {
            for (int n = 0; n < flood.most - 2; n++) {
                flood.one(to, n);
            }
            // An open field block admits nothing else; the rest still answers.
            if (flood != Flood.CONTINUATIONS && flood != Flood.EMPTY_CONTINUATIONS) {
                answers(to, 2 * flood.most + 1);
            }
        }
    }

    /** Requests that the origin saw, once those of earlier tests arrived. */
    private static int settled() {
        int[] seen = {-1};
        await().pollInterval(Duration.ofMillis(300)).until(() -> seen[0] == (seen[0] = origin.requests()));
        return seen[0];
    }

    private static void answers(RawHttp2 to, int stream) throws IOException {
        to.get(stream).flush();
        RawHttp2.Frame frame;
        do {
            frame = to.next();
            assertThat(frame.type()).isNotEqualTo(RawHttp2.GOAWAY);
        } while (frame.type() != RawHttp2.HEADERS || frame.stream() != stream);
        assertThat(frame.payload()[0]).as(":status 200").isEqualTo((byte) 0x88);
    }

    @Test
    void servesOthersWhileFloodsComeAgainAndAgain(TestReporter reporter) throws Exception {
        ExecutorService attackers = Executors.newFixedThreadPool(Flood.values().length);
        long until = System.nanoTime() + Duration.ofSeconds(4).toNanos();
        try (Bystander bystander = Bystander.begin()) {
            List<CompletableFuture<Integer>> ended = new ArrayList<>();
            for (Flood flood : Flood.values()) {
                ended.add(CompletableFuture.supplyAsync(() -> again(flood, until), attackers));
            }
            for (CompletableFuture<Integer> count : ended) {
                assertThat(count.get(30, TimeUnit.SECONDS)).isPositive();
            }
            bystander.unharmed("floods", reporter);
        } finally {
            attackers.shutdownNow();
        }
        await().untilAsserted(() -> assertThat(ugate.metric(OPEN)).isLessThan(5));
        assertThat(ugate.errors()).isEmpty();
    }

    /** How often the flood was ended; it pauses, since two cores serve the attackers and the origin too. */
    private static int again(Flood flood, long until) {
        int count = 0;
        while (System.nanoTime() < until) {
            try (RawHttp2 to = attacker()) {
                flood.sayTooMany(to).end();
                count++;
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(flood + " after " + count, e);
            }
        }
        return count;
    }

    @Test
    void ignoresATinyHeaderListSizeOfTheClient() throws Exception {
        // T52: SETTINGS_MAX_HEADER_LIST_SIZE of 1 is advice, and no reason to reset every stream.
        try (RawHttp2 to = attacker(0, 6, 0, 0, 0, 1)) {
            answers(to, 1);
        }
    }

    @Test
    void refusesThousandsOfFieldsOfOneOctet() throws Exception {
        // T54: each octet refers to a field of the static table.
        int before = settled();
        try (RawHttp2 to = attacker()) {
            byte[] block = to.block(false);
            byte[] bomb = java.util.Arrays.copyOf(block, block.length + 4_000);
            java.util.Arrays.fill(bomb, block.length, bomb.length, (byte) 0x90);
            to.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM | RawHttp2.END_HEADERS, 1, bomb)
                    .flush();
            RawHttp2.Frame frame;
            do {
                frame = to.next();
            } while (frame.stream() != 1 && frame.type() != RawHttp2.GOAWAY);
            assertThat(frame.payload()[0]).as("no :status 200").isNotEqualTo((byte) 0x88);
        }
        assertThat(origin.requests()).isEqualTo(before);
    }

    @Test
    void endsAConnectionWhoseWindowNeverOpens() throws Exception {
        // T12, T66: initial window 0, and a request for something that needs more.
        try (RawHttp2 to = attacker(0, 4, 0, 0, 0, 0)) {
            for (int stream = 1; stream < 40; stream += 2) {
                to.get(stream);
            }
            End end = to.end();
            assertThat(end.code() >= 0 || end.resets() == 20).as("%s", end).isTrue();
        }
    }

    @Test
    void endsAConnectionThatNeverEndsItsHead() throws Exception {
        try (RawHttp2 to = attacker()) {
            to.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, to.block(false));
            assertThat(to.end().resets()).isZero();
        }
    }

    /** Runs slowhttptest with 200 connections, all of which the gate has to close within its limits. */
    private static void slow(String name, TestReporter reporter, String path, String... options) throws Exception {
        InetSocketAddress gate = ugate.address();
        // By lines, so that what it said can be read when it is ended.
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", "slowhttptest", "-l", "60"));
        command.addAll(List.of(
                "-c", "" + SLOW, "-r", "" + SLOW, "-p", "3", "-u", "http://127.0.0.1:" + gate.getPort() + path));
        command.addAll(List.of(options));
        double before = ugate.metric(ACCEPTED);
        Process slow = programs.start(name, command.toArray(String[]::new));
        try (Bystander bystander = Bystander.begin()) {
            // On a busy machine the first are gone before the last come.
            await().pollInterval(Duration.ofMillis(50))
                    .atMost(LIMIT)
                    .until(() -> ugate.metric(ACCEPTED) >= before + SLOW);
            long all = System.nanoTime();
            // What stays is the healthy client, and slowhttptest's probe now and then.
            await().atMost(LIMIT).until(() -> ugate.metric(OPEN) <= 3);
            reporter.publishEntry(name, "closed after " + Duration.ofNanos(System.nanoTime() - all));
            slow.toHandle().destroy(); // unlike destroy(), this leaves its output readable
            String said = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(said).contains("service available:").doesNotContainPattern("service available: +[^ ]*NO");
            bystander.unharmed(name, reporter);
        } finally {
            slow.toHandle().destroy();
        }
    }

    @Test
    void closesSlowHeads(TestReporter reporter) throws Exception {
        slow("slow heads", reporter, "/", "-H", "-i", "5");
    }

    @Test
    void closesSlowBodies(TestReporter reporter) throws Exception {
        slow("slow bodies", reporter, "/upload", "-B", "-i", "9", "-s", "8192");
    }

    @Test
    void closesSlowReaders(TestReporter reporter) throws Exception {
        // It goes on reading what the kernel holds for it, so only the gate knows that its connections are gone.
        slow("slow readers", reporter, "/body", "-X", "-w", "512", "-y", "1024", "-n", "9", "-z", "32");
    }
}
