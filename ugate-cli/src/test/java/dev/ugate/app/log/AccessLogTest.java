package dev.ugate.app.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Json;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Journal;
import dev.ugate.testing.Listening;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Exactly one valid JSON line for each stream, whatever is in it and whatever becomes of the writer. */
final class AccessLogTest {
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-01-02T12:00:00.123456Z"), ZoneOffset.UTC);
    private static final Peer PEER =
            Peer.of(new InetSocketAddress("127.0.0.1", 40000), new InetSocketAddress("127.0.0.1", 1080));

    private static Journal.Ended ended(String identity, String route, Optional<Refused> refused) {
        Intent intent = Intent.bytes(
                "socks5",
                PEER.withIdentity(new Identity(identity, Identity.Proof.PASSWORD)),
                HostPort.parse("db.m:5432"));
        return new Journal.Ended(
                intent, "127.0.0.1:1080", route, Optional.of("10.0.0.7:5432"), refused, 12, 34, Duration.ofMillis(56));
    }

    private static List<String> lines(ByteArrayOutputStream out) {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void writesOneLineWithEveryField() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (AccessLog log = new AccessLog(out, NOON, new JsonLine())) {
            log.ended(ended("user:ann", "shop", Optional.empty()));
        }
        assertThat(lines(out)).hasSize(1);
        assertThat(Json.object(lines(out).get(0)))
                .isEqualTo(Map.ofEntries(
                        Map.entry("time", "2026-01-02T12:00:00.123456Z"),
                        Map.entry("protocol", "socks5"),
                        Map.entry("from", "127.0.0.1:40000"),
                        Map.entry("to", "db.m:5432"),
                        Map.entry("via", "10.0.0.7:5432"),
                        Map.entry("listener", "127.0.0.1:1080"),
                        Map.entry("route", "shop"),
                        Map.entry("identity", "user:ann"),
                        Map.entry("reason", "ok"),
                        Map.entry("bytes_in", 12.0),
                        Map.entry("bytes_out", 34.0),
                        Map.entry("ms", 56.0)));
    }

    @Test
    void escapesWhateverPeersSay() {
        String hostile = "\"},{\"x\":\"\n\r\t\0\\\u001b[31m\u007f\u009b\u2028\ud800é😀</script>";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (AccessLog log = new AccessLog(out, NOON, new JsonLine())) {
            log.ended(ended(hostile, hostile, Optional.of(Refused.because(Refusal.DENIED, hostile))));
        }
        assertThat(lines(out)).hasSize(1);
        assertThat(Json.object(lines(out).get(0)))
                .containsEntry("identity", hostile)
                .containsEntry("route", hostile)
                .containsEntry("error", hostile)
                .containsEntry("reason", "denied");
        assertThat(lines(out).get(0)).doesNotContain("\u001b", "\u009b", "\u2028");
    }

    @Test
    void writesOneLineForConnectionThatNeverHadAnIntent() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (AccessLog log = new AccessLog(out, NOON, new JsonLine())) {
            Peer local = Peer.of(UnixDomainSocketAddress.of("/run/x"), UnixDomainSocketAddress.of("/run/x"));
            log.failed(
                    Connection.accepted(Listening.open().ingress(), local),
                    "socks5",
                    Refused.malformed("version 9: expected 5"),
                    Journal.Told.NOTHING);
        }
        assertThat(lines(out)).hasSize(1);
        assertThat(Json.object(lines(out).get(0)))
                .containsEntry("to", "-")
                .containsEntry("from", "unix")
                .containsEntry("reason", "malformed")
                .containsEntry("bytes_in", 0.0)
                .containsEntry("bytes_out", 0.0)
                .doesNotContainKey("status");
    }

    @Test
    void aRequestThatWasNotUnderstoodHasTheStatusItWasAnsweredWith() {
        for (AccessLine form : List.of(new JsonLine(), new ApacheLine(ZoneOffset.UTC, false))) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (AccessLog log = new AccessLog(out, NOON, form)) {
                Peer local = Peer.of(UnixDomainSocketAddress.of("/run/x"), UnixDomainSocketAddress.of("/run/x"));
                log.failed(
                        Connection.accepted(Listening.open().ingress(), local),
                        "http",
                        Refused.malformed("line: longer than 8192 octets"),
                        new Journal.Told(414, 12));
            }
            assertThat(lines(out)).singleElement().asString().containsAnyOf("\"status\":414,", "\"-\" 414 12");
        }
    }

    @Test
    void dropsAndCountsWhileTheWriterIsBlockedAndNeverWaits() {
        CountDownLatch blocked = new CountDownLatch(1);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        OutputStream pipe = new OutputStream() {
            @Override
            public void write(int octet) {
                throw new AssertionError("expected whole lines");
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                try {
                    blocked.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                written.write(bytes, from, length);
            }
        };
        try (AccessLog log = new AccessLog(pipe, NOON, new JsonLine())) {
            for (int i = 0; i < 20_000; i++) {
                log.ended(ended("user:ann", "r" + i, Optional.empty()));
            }
            assertThat(log.dropped()).isBetween(11_000L, 12_000L);
            blocked.countDown();
            await().untilAsserted(() -> assertThat(lines(written)).hasSize((int) (20_000 - log.dropped())));
            log.ended(ended("user:ann", "after", Optional.empty()));
            await().untilAsserted(() ->
                    assertThat(lines(written).get(lines(written).size() - 1)).contains("\"route\":\"after\""));
        }
        assertThat(lines(written))
                .allSatisfy(line -> assertThat(Json.object(line)).containsEntry("protocol", "socks5"));
    }

    @Test
    void countsLinesThatCannotBeWrittenAndGoesOn() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        boolean[] full = {true};
        OutputStream disk = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                if (full[0]) {
                    throw new IOException("no space left on device");
                }
                out.write(octet);
            }
        };
        try (AccessLog log = new AccessLog(disk, NOON, new JsonLine())) {
            log.ended(ended("user:ann", "lost", Optional.empty()));
            await().untilAsserted(() -> assertThat(log.dropped()).isEqualTo(1));
            full[0] = false;
            log.ended(ended("user:ann", "kept", Optional.empty()));
        }
        assertThat(lines(out)).singleElement().asString().contains("kept");
    }

    @Test
    void closesSoonWhenNobodyReads() {
        OutputStream never = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        };
        long begun = System.nanoTime();
        try (AccessLog log = new AccessLog(never, NOON, new JsonLine())) {
            log.ended(ended("user:ann", "stuck", Optional.empty()));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    }
}
