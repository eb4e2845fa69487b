package dev.ugate.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.ugate.app.Ugate;
import dev.ugate.model.Refused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client of java.net.http, against a real server and through a real configuration. */
@Timeout(60)
final class UgateHttpClientTest {
    private static final int LARGE = 8 << 20;

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong published = new AtomicLong();
    private final Semaphore silence = new Semaphore(0);
    private HttpServer web;
    private ServerSocket raw;
    private Ugate ugate;

    @BeforeEach
    void start() throws IOException {
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.setExecutor(threads);
        web.createContext("/echo", exchange -> {
            exchange.getResponseHeaders().add("X-Method", exchange.getRequestMethod());
            exchange.sendResponseHeaders(200, 0);
            try (exchange) {
                exchange.getRequestBody().transferTo(exchange.getResponseBody());
            }
        });
        web.createContext("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (exchange) {
                byte[] part = new byte[65_536];
                while (true) {
                    exchange.getResponseBody().write(part);
                    written.addAndGet(part.length);
                }
            }
        });
        web.createContext("/stalling", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            silence.acquireUninterruptibly();
        });
        web.createContext("/silent", exchange -> silence.acquireUninterruptibly());
        web.start();
        raw = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        raw.setSoTimeout(20_000);
        Path file = Files.writeString(folder.resolve("ugate.yaml"), """
                version: 1
                listeners: [{address: "127.0.0.1:0"}]
                routes:
                  - {name: fixed, match: {host: fixed.internal}, local: {status: 418, body: short}}
                  - {name: raw, match: {host: raw.internal}, to: "127.0.0.1:%d"}
                  - {name: web, match: {host: web.internal}, to: "127.0.0.1:%d"}
                policy: {default: deny, deny: [{name: secret, path: /secret}], allow: [{name: web, to: ["*.internal"]}]}
                timeouts: {idle: 1s}
                log: {access: off}
                """.formatted(
                        raw.getLocalPort(), web.getAddress().getPort()));
        ugate = Ugate.builder().config(file).outboundOnly().start();
    }

    @AfterEach
    void stop() throws IOException {
        ugate.close();
        silence.release(10);
        web.stop(0);
        raw.close();
        threads.shutdownNow();
    }

    private static HttpRequest.Builder to(String uri) {
        return HttpRequest.newBuilder(URI.create(uri));
    }

    @Test
    void aReplyThatStandsStillEndsAtTheConfiguredLimit() {
        HttpRequest request = to("http://web.internal/stalling").build();
        assertThatThrownBy(() -> ugate.http().send(request, BodyHandlers.ofByteArray()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("limit idle");
    }

    @Test
    void sendsAndGetsABody() throws Exception {
        byte[] body = new byte[LARGE];
        new Random(1).nextBytes(body);
        HttpRequest request = to("http://web.internal/echo?a=b")
                .POST(BodyPublishers.ofByteArray(body))
                .build();
        HttpResponse<byte[]> response = ugate.http().send(request, BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("x-method")).contains("POST");
        assertThat(response.body()).isEqualTo(body);
        assertThat(response.uri()).isEqualTo(request.uri());
    }

    @Test
    void sendsABodyOfUnknownLength() throws Exception {
        HttpRequest request = to("http://web.internal/echo")
                .PUT(BodyPublishers.ofInputStream(() -> InputStream.nullInputStream()))
                .build();
        assertThat(ugate.http().send(request, BodyHandlers.ofString()).body()).isEmpty();
        HttpRequest words = to("http://web.internal/echo")
                .PUT(BodyPublishers.concat(BodyPublishers.ofString("one "), BodyPublishers.ofString("two")))
                .build();
        assertThat(ugate.http().send(words, BodyHandlers.ofString()).body()).isEqualTo("one two");
    }

    @Test
    void manyRequestsAtOnceAllAreAnswered() {
        var all = java.util.stream.IntStream.range(0, 300)
                .mapToObj(i -> ugate.http()
                        .sendAsync(
                                to("http://web.internal/echo")
                                        .POST(BodyPublishers.ofString("n" + i))
                                        .build(),
                                BodyHandlers.ofString())
                        .thenApply(HttpResponse::body))
                .toList();
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).join()).isEqualTo("n" + i);
        }
    }

    @Test
    void aReaderThatDoesNotReadHoldsTheUpstreamBack() throws Exception {
        HttpResponse<InputStream> response =
                ugate.http().send(to("http://web.internal/endless").build(), BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            assertThat(in.readNBytes(100_000)).hasSize(100_000);
            AtomicLong before = new AtomicLong(-1);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> before.getAndSet(written.get()) == written.get());
            assertThat(written.get()).isLessThan(64 << 20);
        }
    }

    @Test
    void answersOfRoutesComeToo() throws Exception {
        HttpResponse<String> response =
                ugate.http().send(to("http://fixed.internal/").build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
        assertThat(response.statusCode()).isEqualTo(418);
        assertThat(response.body()).isEqualTo("short");
    }

    @Test
    void isToldWhatPolicyDenies() {
        String denied = "http://127.0.0.1:" + web.getAddress().getPort() + "/echo";
        assertThatThrownBy(() -> ugate.http().send(to(denied).build(), BodyHandlers.discarding()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("denies")
                .hasCauseInstanceOf(Refused.class);
    }

    /** Found by audit: a program that passes on addresses of others got around rules about paths. */
    @ParameterizedTest
    @ValueSource(strings = {"/secret", "/%73ecret", "/echo/../secret", "/echo/%2e%2e/secret", "//secret/x"})
    void t43PathsOfProgramsHaveOneSpelling(String path) {
        assertThatThrownBy(
                        () -> ugate.http().send(to("http://web.internal" + path).build(), BodyHandlers.discarding()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("rule secret denies");
    }

    @Test
    void refusesAddressesThatServersDisagreeOn() {
        assertThatThrownBy(
                        () -> ugate.http().send(to("http://web.internal/a%00b").build(), BodyHandlers.discarding()))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(Refused.class);
    }

    /** Found by audit: nobody was told, and the caller waited for ever. */
    @Test
    void tellsThatAPublisherFailed() {
        HttpRequest request = to("http://web.internal/echo")
                .POST(BodyPublishers.ofInputStream(() -> new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("disk on fire");
                    }
                }))
                .build();
        assertThat(ugate.http().sendAsync(request, BodyHandlers.discarding()))
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withStackTraceContaining("disk on fire");
    }

    /** Found by audit: nobody was told, and the caller waited for ever. */
    @Test
    void tellsThatAHandlerFailed() {
        assertThat(ugate.http().sendAsync(to("http://web.internal/echo").build(), head -> {
                    throw new IllegalStateException("no such type");
                }))
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withStackTraceContaining("no such type");
    }

    @Test
    void waitsNoLongerThanTheRequestSays() {
        HttpRequest request =
                to("http://web.internal/silent").timeout(Duration.ofMillis(200)).build();
        assertThatThrownBy(() -> ugate.http().send(request, BodyHandlers.discarding()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(ugate.http().sendAsync(request, BodyHandlers.discarding()))
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .withCauseInstanceOf(HttpTimeoutException.class);
    }

    /** Asks for the word of the server before the body, which counts that it is asked for. */
    private CompletableFuture<HttpResponse<String>> cautious() {
        HttpRequest request = to("http://raw.internal/")
                .expectContinue(true)
                .POST(BodyPublishers.ofInputStream(() -> {
                    published.incrementAndGet();
                    return new ByteArrayInputStream("patience".getBytes(StandardCharsets.US_ASCII));
                }))
                .build();
        return ugate.http().sendAsync(request, BodyHandlers.ofString());
    }

    private static String hear(Socket socket, String end) throws IOException {
        socket.setSoTimeout(20_000);
        StringBuilder heard = new StringBuilder();
        while (heard.indexOf(end) < 0) {
            int octet = socket.getInputStream().read();
            if (octet < 0) {
                return heard.toString();
            }
            heard.append((char) octet);
        }
        return heard.toString();
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** RFC 9110 §10.1.1. */
    @Test
    void sendsTheBodyWhenTheServerWantsIt() throws Exception {
        CompletableFuture<HttpResponse<String>> sent = cautious();
        try (Socket server = raw.accept()) {
            assertThat(hear(server, "\r\n\r\n")).contains("\r\nexpect: 100-continue\r\n");
            assertThat(published).hasValue(0);
            say(server, "HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(hear(server, "0\r\n\r\n")).contains("patience");
            say(server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(sent.get(20, TimeUnit.SECONDS).body()).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {417, 401})
    void sendsNoBodyAfterAnAnswer(int status) throws Exception {
        CompletableFuture<HttpResponse<String>> sent = cautious();
        try (Socket server = raw.accept()) {
            hear(server, "\r\n\r\n");
            say(server, "HTTP/1.1 " + status + " No\r\nContent-Length: 2\r\n\r\nno");
            HttpResponse<String> answer = sent.get(20, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(answer.body()).isEqualTo("no");
            assertThat(hear(server, "none")).as("all that came after the head").isEmpty();
        }
        assertThat(published).hasValue(0);
    }

    @Test
    void sendsTheBodyToAServerThatKnowsNothingOfExpectations() throws Exception {
        CompletableFuture<HttpResponse<String>> sent = cautious();
        try (Socket server = raw.accept()) {
            assertThat(hear(server, "0\r\n\r\n")).contains("patience");
            say(server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(sent.get(20, TimeUnit.SECONDS).body()).isEqualTo("ok");
        }
    }

    @Test
    void expectsNothingWithoutABody() throws Exception {
        HttpRequest request =
                to("http://raw.internal/").expectContinue(true).GET().build();
        CompletableFuture<HttpResponse<String>> sent = ugate.http().sendAsync(request, BodyHandlers.ofString());
        try (Socket server = raw.accept()) {
            assertThat(hear(server, "\r\n\r\n")).doesNotContain("expect");
            say(server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(sent.get(20, TimeUnit.SECONDS).body()).isEqualTo("ok");
        }
    }

    @Test
    void asksForNoTlsThatOnlyAnAddressWants() {
        assertThatThrownBy(
                        () -> ugate.http().sendAsync(to("https://web.internal/").build(), BodyHandlers.discarding()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
