package dev.ugate.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Json;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.spi.Journal;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What one request and one stream look like in each form of the access log. */
final class AccessLineTest {
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00.500Z");
    private static final HostPort SHOP = HostPort.parse("shop.example:80");

    /** What log analysers expect of a line in the Combined form. */
    private static final Pattern COMBINED =
            Pattern.compile("^(\\S+) (\\S+) (\\S+) \\[([^\\]]+)] \"((?:[^\"\\\\]|\\\\.)*)\" (\\d{3}) (\\d+|-) "
                    + "\"((?:[^\"\\\\]|\\\\.)*)\" \"((?:[^\"\\\\]|\\\\.)*)\"$");

    private Peer peer = Peer.of(new InetSocketAddress("198.51.100.7", 40000), new InetSocketAddress("192.0.2.1", 80));

    private Journal.Ended request(String path, String form, Fields fields, Optional<Refused> why, int status) {
        return request(path, form, fields, why, status, 1);
    }

    private Journal.Ended request(
            String path, String form, Fields fields, Optional<Refused> why, int status, int attempts) {
        Map<String, String> labels = Map.of("method", "GET", "path", path, "version", "1.1", "form", form);
        return new Journal.Ended(
                new Intent("http", peer, SHOP, Shape.MESSAGES, labels, fields),
                "edge",
                "shop",
                Optional.of("10.0.0.7:80"),
                why,
                0,
                2326,
                Duration.ofMillis(1500),
                status == 0 ? Optional.empty() : Optional.of(new Journal.Answered(status, Duration.ofMillis(20))),
                attempts);
    }

    private static String line(AccessLine form, Journal.Ended stream) {
        StringBuilder out = new StringBuilder();
        form.write(out, NOON, stream);
        return out.toString();
    }

    private static String common(Journal.Ended stream) {
        return line(new ApacheLine(ZoneOffset.UTC, false), stream);
    }

    private static String combined(Journal.Ended stream) {
        return line(new ApacheLine(ZoneId.of("America/New_York"), true), stream);
    }

    @Test
    void commonFormIsApaches() {
        peer = peer.withIdentity(new Identity("user:frank", Identity.Proof.PASSWORD));
        assertThat(common(request("/a?b", "origin", Fields.NONE, Optional.empty(), 200)))
                .isEqualTo("198.51.100.7 - frank [02/Jan/2026:11:59:59 +0000] \"GET /a?b HTTP/1.1\" 200 2326");
    }

    @Test
    void combinedFormAddsWhereFromAndWithWhat() {
        Fields fields = Fields.of("user-agent", "curl/8 \"x\"", "referer", "http://a/");
        assertThat(combined(request("/", "absolute", fields, Optional.empty(), 304)))
                .isEqualTo("198.51.100.7 - - [02/Jan/2026:06:59:59 -0500] \"GET http://shop.example:80/ HTTP/1.1\" 304 "
                        + "2326 \"http://a/\" \"curl/8 \\\"x\\\"\"");
        assertThat(combined(request("/", "origin", Fields.NONE, Optional.empty(), 200)))
                .endsWith(" \"-\" \"-\"");
    }

    @Test
    void t123NoWordOfAPeerBeginsAColumnOrALine() {
        String hostile = "x\" 200 1\n1.2.3.4 - - [x] \\ \t\r\0\u001b[31m\u007fé";
        peer = peer.withIdentity(new Identity("user:" + hostile, Identity.Proof.PASSWORD));
        String octets = new String(hostile.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        Fields fields = Fields.of("user-agent", octets, "referer", octets);
        String line = combined(request("/" + hostile, "origin", fields, Optional.empty(), 200));
        var columns = COMBINED.matcher(line);
        assertThat(columns.matches()).as(line).isTrue();
        assertThat(columns.group(1)).isEqualTo("198.51.100.7");
        assertThat(columns.group(6)).isEqualTo("200");
        assertThat(columns.group(9))
                .isEqualTo("x\\\" 200 1\\x0a1.2.3.4 - - [x] \\\\ \\x09\\x0d\\x00\\x1b[31m\\x7f\\xc3\\xa9");
        assertThat(line).matches("[ -~]+");
    }

    @Test
    void refusalHasTheStatusItWasSaidWith() {
        Optional<Refused> anonymous = Optional.of(Refused.because(Refusal.UNAUTHENTICATED, "x"));
        assertThat(common(request("/", "origin", Fields.NONE, anonymous, 0))).contains("\" 401 ");
        assertThat(common(request("/", "absolute", Fields.NONE, anonymous, 0))).contains("\" 407 ");
        Optional<Refused> none = Optional.of(Refused.because(Refusal.NO_ROUTE, "x"));
        assertThat(common(request("/", "origin", Fields.NONE, none, 0))).contains("\" 404 ");
        assertThat(common(request("/", "origin", Fields.NONE, none, 200))).contains("\" 200 ");
    }

    @Test
    void streamOfBytesIsTheConnectThatItAmountsTo() {
        peer = Peer.of(UnixDomainSocketAddress.of("/run/x"), UnixDomainSocketAddress.of("/run/x"));
        Intent socks = Intent.bytes("socks5", peer, HostPort.parse("db.m:5432"));
        Journal.Ended carried =
                new Journal.Ended(socks, "edge", "-", Optional.empty(), Optional.empty(), 1, 0, Duration.ofMillis(500));
        assertThat(common(carried)).isEqualTo("- - - [02/Jan/2026:12:00:00 +0000] \"CONNECT db.m:5432 socks5\" 200 -");
        Journal.Ended refused = new Journal.Ended(
                new Intent("connect", peer, SHOP, Shape.BYTES, Map.of("version", "1.1")),
                "edge",
                "-",
                Optional.empty(),
                Optional.of(Refused.because(Refusal.NO_ROUTE, "x")),
                0,
                0,
                Duration.ZERO);
        assertThat(common(refused)).contains("\"CONNECT shop.example:80 HTTP/1.1\" 403 -");
    }

    @Test
    void jsonTellsWhatARequestAskedAndGot() {
        Fields fields = Fields.of(
                "x-request-id", "abc", "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assertThat(Json.object(line(new JsonLine(), request("/a", "origin", fields, Optional.empty(), 200))))
                .containsEntry("method", "GET")
                .containsEntry("path", "/a")
                .containsEntry("version", "1.1")
                .containsEntry("status", 200.0)
                .containsEntry("first_ms", 20.0)
                .containsEntry("request_id", "abc")
                .containsEntry("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")
                .containsEntry("via", "10.0.0.7:80")
                .containsEntry("route", "shop");
    }

    @Test
    void jsonTellsOfAttemptsWhereThereWasMoreThanOne() {
        Optional<Refused> down = Optional.of(Refused.because(Refusal.CONNECTION_REFUSED, "x"));
        JsonLine form = new JsonLine();
        assertThat(line(form, request("/a", "origin", Fields.NONE, Optional.empty(), 200, 1)))
                .doesNotContain("attempt");
        assertThat(Json.object(line(form, request("/a", "origin", Fields.NONE, Optional.empty(), 200, 2))))
                .containsEntry("attempt_count", 2.0);
        assertThat(Json.object(line(form, request("/a", "origin", Fields.NONE, down, 0, 3))))
                .as("a refusal after all of them")
                .containsEntry("attempt_count", 3.0);
    }
}
