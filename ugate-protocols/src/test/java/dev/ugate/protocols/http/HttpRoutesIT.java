package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.model.Route;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Routes as configuration writes them, between a real client and real origins. */
@Timeout(120)
final class HttpRoutesIT {
    private static final int REQUESTS = 2_000;

    private final Proxy proxy = Proxy.open();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        proxy.close();
    }

    private void routes(String yaml) {
        Config config =
                ConfigFile.parse("version: 1\nlisteners: [{address: \"127.0.0.1:0\"}]\nroutes:\n" + yaml, Path.of("/"));
        proxy.waist.routes(config.routes().toArray(Route[]::new));
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + path));
    }

    private HttpResponse<String> ask(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void redirectsAndAnswersWithoutAnUpstream() throws Exception {
        routes("""
                  - {name: old, match: {path: /old}, filters: [{requestRedirect: {scheme: https, hostname: new.example, path: {replacePrefixMatch: /new}}}]}
                  - {name: ready, match: {path: /healthz}, local: {health: true}}
                """);

        HttpResponse<String> moved = ask(to("/old/x?y=z"));
        assertThat(moved.statusCode()).isEqualTo(302);
        assertThat(moved.headers().firstValue("location")).contains("https://new.example/new/x?y=z");
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> ready = ask(to("/healthz"));
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).isEqualTo("ready\n");
        }
        await().atMost(20, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(proxy.waist.notes.ended())
                        .hasSize(4)
                        .allSatisfy(ended -> assertThat(ended.route()).isIn("old", "ready")));
    }

    @Test
    void rewritesAndEditsBothWays() throws Exception {
        var seen = new CompletableFuture<String>();
        String origin = proxy.origin(exchange -> {
            var fields = exchange.getRequestHeaders();
            seen.complete(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + fields.getFirst("Host")
                    + " " + fields.getFirst("X-One") + " " + fields.get("Cookie"));
            exchange.getResponseHeaders().add("Server", "secret");
            exchange.sendResponseHeaders(200, -1);
        });
        routes("""
                  - name: api
                    match: {path: /api, method: GET, headers: [{name: x-tenant, value: blue}], queryParams: [{name: v, value: "2"}]}
                    to: "%s"
                    filters:
                      - urlRewrite: {hostname: api.internal, path: {replacePrefixMatch: /}}
                      - requestHeaderModifier: {set: [{name: x-one, value: "1"}], remove: [cookie]}
                      - responseHeaderModifier: {set: [{name: x-served-by, value: ugate}], remove: [server]}
                  - {name: rest, local: {status: 404}}
                """.formatted(origin));

        assertThat(ask(to("/api/x?v=2")).statusCode()).isEqualTo(404);
        assertThat(ask(to("/api/x?v=1").header("x-tenant", "blue")).statusCode())
                .isEqualTo(404);
        assertThat(ask(to("/apix?v=2").header("x-tenant", "blue")).statusCode()).isEqualTo(404);
        HttpResponse<String> reply = ask(
                to("/api/x?v=2").header("x-tenant", "blue").header("x-one", "0").header("cookie", "c"));

        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo("GET /x?v=2 api.internal 1 null");
        assertThat(reply.headers().firstValue("x-served-by")).contains("ugate");
        assertThat(reply.headers().firstValue("server")).isEmpty();
    }

    /** Without these fields its page would hear of a network error, and not of 502. */
    @Test
    void aBrowserMayReadARefusalToo() throws Exception {
        routes("""
                  - name: api
                    to: "127.0.0.1:1"
                    filters: [{cors: {allowOrigins: ["https://a.example"], allowCredentials: true}}]
                """);

        HttpResponse<String> refused = ask(to("/x").header("origin", "https://a.example"));
        assertThat(refused.statusCode()).isEqualTo(502);
        assertThat(refused.headers().firstValue("access-control-allow-origin")).contains("https://a.example");
        assertThat(refused.headers().firstValue("access-control-allow-credentials"))
                .contains("true");
        assertThat(refused.headers().firstValue("vary")).contains("origin");
        assertThat(refused.headers().firstValue("proxy-status")).isPresent();
        HttpResponse<String> other = ask(to("/x").header("origin", "https://b.example"));
        assertThat(other.headers().firstValue("access-control-allow-origin")).isEmpty();
    }

    @Test
    void splitsRequestsByWeightAndNotConnections() throws Exception {
        AtomicInteger many = new AtomicInteger();
        AtomicInteger few = new AtomicInteger();
        String large = proxy.origin(exchange -> {
            many.incrementAndGet();
            exchange.sendResponseHeaders(204, -1);
        });
        String small = proxy.origin(exchange -> {
            few.incrementAndGet();
            exchange.sendResponseHeaders(204, -1);
        });
        routes("  - {name: split, to: [{endpoint: \"%s\", weight: 90}, {endpoint: \"%s\", weight: 10}]}"
                .formatted(large, small));

        for (int i = 0; i < REQUESTS; i++) {
            assertThat(ask(to("/" + i)).statusCode()).isEqualTo(204);
        }
        assertThat(many.get() + few.get()).isEqualTo(REQUESTS);
        assertThat(few.get()).isBetween(REQUESTS * 8 / 100, REQUESTS * 12 / 100);
    }

    @Test
    void aMirrorSeesTheSameBodyAndCannotDisturb() throws Exception {
        byte[] body = new byte[200_000];
        new SplittableRandom(4).nextBytes(body);
        var copied = new CompletableFuture<String>();
        String origin = proxy.origin(exchange -> {
            byte[] received = exchange.getRequestBody().readAllBytes();
            byte[] answer = digest(received).getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        });
        String mirror = proxy.origin(exchange -> {
            copied.complete(digest(exchange.getRequestBody().readAllBytes())
                    + exchange.getRequestURI()
                    + exchange.getRequestHeaders().getFirst("X-Copy"));
            exchange.sendResponseHeaders(500, -1);
        });
        routes("""
                  - name: api
                    to: "%s"
                    filters:
                      - requestMirror: {to: "%s"}
                      - requestMirror: {to: "127.0.0.1:1"}
                      - requestHeaderModifier: {set: [{name: x-copy, value: "!"}]}
                """.formatted(origin, mirror));

        HttpResponse<String> reply = ask(to("/p").POST(BodyPublishers.ofByteArray(body)));

        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo(digest(body));
        assertThat(copied.get(20, TimeUnit.SECONDS)).isEqualTo(digest(body) + "/p!");
        await().untilAsserted(() ->
                assertThat(proxy.gate.roundTrip().mirrors().live()).isZero());
    }

    @Test
    void compressesForClientsThatTakeIt() throws Exception {
        String text = "the same again and again, ".repeat(20_000);
        String origin = proxy.origin(exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/plain");
            exchange.getResponseHeaders().add("ETag", "\"1\"");
            exchange.sendResponseHeaders(200, text.length());
            exchange.getResponseBody().write(text.getBytes(StandardCharsets.US_ASCII));
        });
        routes("  - {name: texts, to: \"%s\", filters: [{compression: {types: text/*}}]}".formatted(origin));

        HttpResponse<byte[]> zipped =
                client.send(to("/").header("accept-encoding", "br, gzip").build(), BodyHandlers.ofByteArray());
        assertThat(zipped.headers().firstValue("content-encoding")).contains("gzip");
        assertThat(zipped.headers().firstValue("etag")).contains("W/\"1\"");
        assertThat(zipped.headers().allValues("vary")).contains("accept-encoding");
        assertThat(zipped.body()).hasSizeLessThan(text.length() / 10);
        try (var in = new GZIPInputStream(new ByteArrayInputStream(zipped.body()))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo(text);
        }
        HttpResponse<String> plain = ask(to("/").header("accept-encoding", "gzip;q=0"));
        assertThat(plain.headers().firstValue("content-encoding")).isEmpty();
        assertThat(plain.body()).isEqualTo(text);
    }
}
