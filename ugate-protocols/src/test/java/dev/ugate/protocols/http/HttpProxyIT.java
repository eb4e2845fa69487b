package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Decision;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Policy;
import dev.ugate.testing.Waist;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real clients and servers with the proxy between them. */
@Timeout(60)
final class HttpProxyIT {
    private static final int LARGE = 48 << 20;

    private final Proxy proxy = Proxy.open();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", proxy.port())))
            .build();

    @AfterEach
    void close() {
        proxy.close();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder to(String origin, String path) {
        return HttpRequest.newBuilder(URI.create("http://" + origin + path));
    }

    @Test
    void largeBodiesOfKnownLengthArriveBothWays() throws Exception {
        String origin = proxy.origin(exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        });
        byte[] body = new byte[LARGE];
        new SplittableRandom(1).nextBytes(body);
        var reply = client.send(
                to(origin, "/").POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(digest(reply.body())).isEqualTo(digest(body));
    }

    /** No echo: Java's client reads nothing before it has sent everything, and would wait for an origin that waits for it. */
    @Test
    void largeBodiesInChunksArriveBothWaysAtOnce() throws Exception {
        byte[] part = new byte[LARGE / 4];
        new SplittableRandom(2).nextBytes(part);
        CompletableFuture<String> received = new CompletableFuture<>();
        String origin = proxy.origin(exchange -> {
            assertThat(exchange.getRequestHeaders().getFirst("Transfer-encoding"))
                    .isEqualTo("chunked");
            exchange.sendResponseHeaders(200, 0);
            CompletableFuture.runAsync(() -> received.complete(digest(exchange.getRequestBody())));
            exchange.getResponseBody().write(part);
            exchange.getResponseBody().write(part);
            received.join();
        });
        var twice = BodyPublishers.ofInputStream(
                () -> new SequenceInputStream(new ByteArrayInputStream(part), new ByteArrayInputStream(part)));
        var reply = client.send(to(origin, "/").PUT(twice).build(), BodyHandlers.ofInputStream());
        byte[] both = Arrays.copyOf(part, part.length * 2);
        System.arraycopy(part, 0, both, part.length, part.length);
        assertThat(digest(reply.body())).isEqualTo(digest(both)).isEqualTo(received.join());
    }

    /** The kernel alone may hold some 40 MiB on the way (tcp_rmem, tcp_wmem); the rest stays with the origin. */
    @Test
    void slowReaderHoldsTheOriginBack() throws Exception {
        int size = 160 << 20;
        var written = new java.util.concurrent.atomic.AtomicLong();
        String origin = proxy.origin(exchange -> {
            exchange.sendResponseHeaders(200, size);
            byte[] block = new byte[64 << 10];
            for (int sent = 0; sent < size; sent += block.length) {
                exchange.getResponseBody().write(block);
                written.addAndGet(block.length);
            }
        });
        try (Proxy.Client slow = proxy.client()) {
            slow.say("GET http://" + origin + "/ HTTP/1.1\r\nHost: a\r\n\r\n").hear("\r\n\r\n");
            await().during(Duration.ofSeconds(1)).until(() -> written.get() < size / 2);
            InputStream in = slow.socket().getInputStream();
            byte[] block = new byte[64 << 10];
            long read = 0;
            for (int n = in.read(block); n > 0; n = read == size ? 0 : in.read(block)) {
                read += n;
            }
            assertThat(read).isEqualTo(size);
        }
    }

    @Test
    void headKeepsTheLengthAndHasNoBody() throws Exception {
        String origin = proxy.origin(exchange -> {
            exchange.getResponseHeaders().add("Content-Length", "12345");
            exchange.sendResponseHeaders(200, -1);
        });
        var reply = send(to(origin, "/").method("HEAD", BodyPublishers.noBody()));
        assertThat(reply.headers().firstValueAsLong("content-length")).hasValue(12345);
        assertThat(reply.body()).isEmpty();
    }

    @Test
    void noContentLeavesTheConnectionUsable() throws Exception {
        String origin = proxy.origin(exchange -> exchange.sendResponseHeaders(204, -1));
        for (int i = 0; i < 3; i++) {
            assertThat(send(to(origin, "/").DELETE()).statusCode()).isEqualTo(204);
        }
    }

    @Test
    void expectationIsTheOriginsToAnswer() throws Exception {
        String origin = proxy.origin(exchange -> {
            assertThat(exchange.getRequestHeaders().getFirst("Expect")).isEqualToIgnoringCase("100-continue");
            String body = new String(exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, body.length());
            exchange.getResponseBody().write(body.getBytes());
        });
        assertThat(send(to(origin, "/").expectContinue(true).POST(BodyPublishers.ofString("patience")))
                        .body())
                .isEqualTo("patience");
    }

    @Test
    void requestsOfOneConnectionGoToDifferentHostsEachUnderPolicy() throws Exception {
        String one = proxy.origin(exchange -> answer(exchange, "one"));
        String two = proxy.origin(exchange -> answer(exchange, "two"));
        try (Proxy.Client client = proxy.client()) {
            client.say("GET http://" + one + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.hear("one")).startsWith("HTTP/1.1 200 OK\r\n");
            client.say("GET http://" + two + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.hear("two")).startsWith("HTTP/1.1 200 OK\r\n");
            deny(HostPort.parse(two));
            client.say("GET http://" + two + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.hear("\n\r\n"))
                    .startsWith("HTTP/1.1 403 Forbidden\r\n")
                    .contains("proxy-status: ugate; error=http_request_denied");
            client.hear("\n");
            client.say("GET http://" + one + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(client.hear("one")).startsWith("HTTP/1.1 200 OK\r\n");
        }
        await().untilAsserted(() -> assertThat(proxy.waist.notes.ended()).hasSize(4));
        assertThat(proxy.waist.notes.ended())
                .extracting(
                        ended -> ended.intent().target() + " " + ended.refused().isPresent())
                .containsExactlyInAnyOrder(one + " false", two + " false", two + " true", one + " false");
        assertThat(proxy.waist.notes.ended().get(0).endpoint()).isPresent();
    }

    private void deny(HostPort target) {
        proxy.waist.decide(
                new Policy() {
                    @Override
                    public Decision judge(Intent intent) {
                        return intent.target().equals(target) ? Decision.deny("test") : Decision.allow("test");
                    }

                    @Override
                    public Decision judge(Intent intent, SocketAddress address, boolean trusted) {
                        return Decision.allow("test");
                    }
                },
                Waist.LITERALS);
    }

    @Test
    void theBodyOfARefusalIsCounted() throws Exception {
        HostPort target = new HostPort("10.0.0.1", 80);
        deny(target);
        String text = send(to(target.toString(), "/")).body();
        send(to(target.toString(), "/").method("HEAD", BodyPublishers.noBody()));
        await().untilAsserted(() -> assertThat(proxy.waist.notes.ended())
                .extracting(ended -> ended.bytesOut())
                .containsExactly((long) text.length(), 0L));
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        String origin = proxy.origin(
                exchange -> answer(exchange, exchange.getRequestURI().getPath()));
        try (Proxy.Client client = proxy.client()) {
            String get = "GET http://" + origin + "/%d HTTP/1.1\r\nHost: x\r\n\r\n";
            String post = "POST http://" + origin + "/2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
            client.say(get.formatted(1) + post + get.formatted(3));
            String heard = client.hear("/3");
            assertThat(heard.indexOf("/1")).isPositive().isLessThan(heard.indexOf("/2"));
            assertThat(heard.indexOf("/2")).isLessThan(heard.indexOf("/3"));
        }
    }

    @Test
    void clientOfHttp10GetsItsBodyUntilTheEnd() throws Exception {
        String origin = proxy.origin(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("chunked before".getBytes());
        });
        try (Proxy.Client client = proxy.client()) {
            String heard =
                    client.say("GET http://" + origin + "/ HTTP/1.0\r\n\r\n").hearAll();
            assertThat(heard)
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("connection: close")
                    .endsWith("\r\n\r\nchunked before");
            assertThat(heard).doesNotContain("transfer-encoding");
        }
    }

    @Test
    void connectCarriesBytesBothWaysWithHalfClose() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Proxy.Client client = proxy.client()) {
            client.say("CONNECT 127.0.0.1:" + server.getLocalPort() + " HTTP/1.1\r\nHost: x\r\n\r\nearly");
            try (Socket upstream = server.accept()) {
                assertThat(client.hear("\r\n\r\n")).startsWith("HTTP/1.1 200 ");
                client.say(" and late").socket().shutdownOutput();
                assertThat(new String(upstream.getInputStream().readAllBytes())).isEqualTo("early and late");
                upstream.getOutputStream().write("answer".getBytes());
            }
            assertThat(client.hearAll()).isEqualTo("answer");
        }
    }

    @Test
    void connectThatFailsSaysWhyAndCloses() throws Exception {
        int unused;
        try (ServerSocket server = new ServerSocket(0)) {
            unused = server.getLocalPort();
        }
        try (Proxy.Client client = proxy.client()) {
            String heard = client.say("CONNECT 127.0.0.1:" + unused
                            + " HTTP/1.1\r\nHost: x\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n")
                    .hearAll();
            assertThat(heard)
                    .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                    .contains("error=connection_refused")
                    .doesNotContain("\r\nHTTP/1.1");
        }
    }

    @Test
    void replyThatBreaksIsNoCleanEnd() throws Exception {
        String origin = proxy.origin(exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write("half".getBytes());
            exchange.getResponseBody().flush();
            throw new IOException("test: the origin breaks");
        });
        assertThatThrownBy(() -> send(to(origin, "/"))).isInstanceOf(IOException.class);
    }

    @Test
    void clientThatGoesAwayTakesTheUpstreamAlong() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Proxy.Client client = proxy.client()) {
            client.say("GET http://127.0.0.1:" + server.getLocalPort() + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            try (Socket upstream = server.accept()) {
                new Proxy.Client(upstream).hear("\r\n\r\n");
                client.socket().setSoLinger(true, 0);
                client.close();
                assertThat(new Proxy.Client(upstream).hearAll()).isEmpty();
            }
        }
    }

    @Test
    void clientThatOnlyEndsIsStillAnswered() throws Exception {
        String origin = proxy.origin(exchange -> answer(exchange, "late"));
        try (Proxy.Client client = proxy.client()) {
            client.say("GET http://" + origin + "/ HTTP/1.1\r\nHost: x\r\n\r\n")
                    .socket()
                    .shutdownOutput();
            assertThat(client.hearAll()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("late");
        }
    }

    @Test
    void originThatRefusesEarlyIsHeardByTheClientThatUploads() throws Exception {
        String origin = proxy.origin(exchange -> answer(exchange, "enough"));
        try (Proxy.Client client = proxy.client()) {
            client.say("POST http://" + origin + "/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n"
                    + "a".repeat(1000));
            assertThat(client.hear("enough")).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(client.hearAll()).isEmpty();
        }
    }

    @Test
    void malformedReplyIsBadGateway() throws Exception {
        for (String reply : List.of(
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\nContent-Length: 1\n\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
                "SSH-2.0-x\r\n",
                "")) {
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    Proxy.Client client = proxy.client()) {
                client.say("DO http://127.0.0.1:" + server.getLocalPort() + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
                try (Socket upstream = server.accept()) {
                    upstream.getOutputStream().write(reply.getBytes());
                    upstream.shutdownOutput();
                    assertThat(client.hear("\r\n\r\n")).as(reply).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
                }
            }
        }
    }

    @Test
    void requestTheUpstreamGetsIsInOriginFormWithoutOurFields() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Proxy.Client client = proxy.client()) {
            String authority = "127.0.0.1:" + server.getLocalPort();
            client.say(
                    "GET http://" + authority
                            + "/a?b HTTP/1.1\r\nHost: other\r\nProxy-Authorization: Basic eA==\r\nX-Hop: 1\r\n"
                            + "Connection: x-hop, keep-alive\r\nUpgrade: h2c\r\nTE: trailers\r\nX-Forwarded-For: 6.6.6.6\r\nAccept: */*\r\n\r\n");
            try (Socket upstream = server.accept()) {
                byte[] head = upstream.getInputStream().readNBytes(10);
                String heard = new String(head) + new Proxy.Client(upstream).hear("\r\n\r\n");
                assertThat(heard)
                        .matches("GET /a\\?b HTTP/1\\.1\r\nhost: " + authority
                                + "\r\naccept: \\*/\\*\r\nvia: 1\\.1 ugate-[0-9a-f]{8}\r\n\r\n");
                upstream.getOutputStream()
                        .write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.0 200\r\nKeep-Alive: 1\r\n\r\nend"
                                .getBytes());
            }
            assertThat(client.hear("0\r\n\r\n"))
                    .matches(
                            "HTTP/1\\.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1\\.1 200 OK\r\nvia: 1\\.0 ugate-[0-9a-f]{8}\r\n"
                                    + "date: [^\r]+ GMT\r\ntransfer-encoding: chunked\r\n\r\n3\r\nend\r\n0\r\n\r\n");
        }
    }

    private static void answer(com.sun.net.httpserver.HttpExchange exchange, String text) throws IOException {
        exchange.sendResponseHeaders(200, text.length());
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(text.getBytes());
        }
    }

    private static String digest(byte[] bytes) {
        return digest(new ByteArrayInputStream(bytes));
    }

    private static String digest(InputStream in) {
        try (DigestInputStream digesting = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            digesting.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
