package dev.ugate.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Client;
import dev.ugate.app.Ugate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that wait for the word of an upstream of HTTP/2 (RFC 9110 §10.1.1): those of the embedding client, and of one in HTTP/1.1. */
@Timeout(60)
final class ExpectationsTest {
    private static final String PUT =
            "PUT http://raw.internal/ HTTP/1.1\r\nHost: raw.internal\r\nExpect: 100-continue\r\n"
                    + "Content-Length: 8\r\n\r\n";
    private static final int NO_ERROR = 0;
    private static final int REFUSED_STREAM = 7;
    private static final String CANCEL = " 8";

    @TempDir
    Path folder;

    private final AtomicLong published = new AtomicLong();
    private Http2Upstream upstream;
    private Ugate ugate;

    @BeforeEach
    void start() throws IOException {
        upstream = new Http2Upstream();
        Path file = Files.writeString(folder.resolve("ugate.yaml"), """
                version: 1
                listeners: [{address: "127.0.0.1:0", forward: open}]
                routes: [{name: raw, match: {host: raw.internal}, to: "127.0.0.1:%d", upstream: {http: h2}}]
                policy: {default: allow}
                loops: {count: 1}
                log: {access: off}
                """.formatted(upstream.port()));
        ugate = Ugate.builder().config(file).start();
    }

    @AfterEach
    void stop() throws IOException {
        ugate.close();
        upstream.close();
    }

    /** Asks for the word of the server before the body, which counts that it is asked for. */
    private CompletableFuture<HttpResponse<String>> cautious() {
        return send(HttpRequest.newBuilder().expectContinue(true).POST(BodyPublishers.ofInputStream(() -> {
            published.incrementAndGet();
            return new ByteArrayInputStream("patience".getBytes(StandardCharsets.US_ASCII));
        })));
    }

    private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
        return ugate.http()
                .sendAsync(request.uri(URI.create("http://raw.internal/")).build(), BodyHandlers.ofString());
    }

    private void asked(int stream) throws IOException {
        assertThat(upstream.hear())
                .startsWith("HEADERS " + stream + " :method=")
                .contains(" expect=100-continue");
    }

    /** The body of the stream, which is now heard to its end. */
    private void takes(int stream) throws IOException {
        StringBuilder body = new StringBuilder();
        String frame;
        do {
            frame = upstream.hear();
            assertThat(frame).startsWith("DATA " + stream);
            body.append(frame.replaceFirst("^DATA [0-9]+( end)? ?", ""));
        } while (!frame.startsWith("DATA " + stream + " end"));
        assertThat(body).hasToString("patience");
    }

    private void answers(int stream, CompletableFuture<HttpResponse<String>> sent) throws Exception {
        upstream.status(stream, 200, false);
        upstream.body(stream, "ok");
        HttpResponse<String> answer = sent.get(20, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok");
    }

    /** What was not sent of the last request does no harm to the connection. */
    private void goesOn(int stream) throws Exception {
        CompletableFuture<HttpResponse<String>> next =
                send(HttpRequest.newBuilder().GET());
        assertThat(upstream.hear()).startsWith("HEADERS " + stream + " end :method=GET ");
        answers(stream, next);
    }

    @Test
    void sendsTheBodyWhenTheServerWantsIt() throws Exception {
        CompletableFuture<HttpResponse<String>> sent = cautious();
        asked(1);
        assertThat(published).hasValue(0);
        upstream.status(1, 100, false);
        takes(1);
        answers(1, sent);
        goesOn(3);
    }

    @Test
    void sendsTheBodyToAServerThatSaysNothing() throws Exception {
        CompletableFuture<HttpResponse<String>> sent = cautious();
        asked(1);
        takes(1);
        // Its word may still come, and changes nothing.
        upstream.status(1, 100, false);
        answers(1, sent);
        goesOn(3);
    }

    @ParameterizedTest
    @CsvSource({"417, true", "417, false", "401, false"})
    void sendsNoBodyAfterAnAnswer(int status, boolean alone) throws Exception {
        CompletableFuture<HttpResponse<String>> sent = cautious();
        asked(1);
        upstream.status(1, status, alone);
        if (!alone) {
            upstream.body(1, "no");
        }
        HttpResponse<String> answer = sent.get(20, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).isEqualTo(alone ? "" : "no");
        assertThat(upstream.hear()).isEqualTo("RST 1" + CANCEL);
        assertThat(published).hasValue(0);
        goesOn(3);
    }

    /** RFC 9113 §8.1: the server says so itself. */
    @Test
    void hearsTheWholeAnswerOfAServerThatStopsTheBody() throws Exception {
        CompletableFuture<HttpResponse<String>> sent = cautious();
        asked(1);
        upstream.status(1, 417, false);
        upstream.body(1, "no");
        upstream.reset(1, NO_ERROR);
        assertThat(sent.get(20, TimeUnit.SECONDS).body()).isEqualTo("no");
        assertThat(published).hasValue(0);
    }

    /** The server did nothing, so that the request may be sent again, and it is the next one that is waited for. */
    @Test
    void waitsAgainWhenTheRequestIsSentAgain() throws Exception {
        CompletableFuture<HttpResponse<String>> sent = cautious();
        asked(1);
        upstream.reset(1, REFUSED_STREAM);
        asked(3);
        assertThat(published).hasValue(0);
        upstream.status(3, 100, false);
        takes(3);
        answers(3, sent);
    }

    @Test
    void passesTheWordToAClientOfHttp1() throws Exception {
        try (Socket client = Client.connect(ugate.address())) {
            say(client, PUT);
            asked(1);
            upstream.status(1, 100, false);
            assertThat(hear(client)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            say(client, "patience");
            takes(1);
            upstream.status(1, 200, true);
            assertThat(hear(client)).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("connection: close");
        }
    }

    @Test
    void takesTheBodyOfAClientOfHttp1ThatHeardNothing() throws Exception {
        try (Socket client = Client.connect(ugate.address())) {
            say(client, PUT);
            asked(1);
            say(client, "patience");
            takes(1);
            upstream.status(1, 200, true);
            assertThat(hear(client)).startsWith("HTTP/1.1 200 OK\r\n");
        }
    }

    /** Whose body may or may not follow, so that nothing else can (T39). */
    @Test
    void tellsAClientOfHttp1TheAnswerAndCloses() throws Exception {
        try (Socket client = Client.connect(ugate.address())) {
            say(client, PUT);
            asked(1);
            upstream.status(1, 417, true);
            assertThat(hear(client))
                    .startsWith("HTTP/1.1 417 Expectation Failed\r\n")
                    .contains("\r\nconnection: close\r\n");
            assertThat(upstream.hear()).isEqualTo("RST 1" + CANCEL);
            goesOn(3);
        }
    }

    private static void say(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** One head. */
    private static String hear(Socket client) throws IOException {
        StringBuilder heard = new StringBuilder();
        while (heard.indexOf("\r\n\r\n") < 0) {
            int octet = client.getInputStream().read();
            assertThat(octet).as("after %s", heard).isNotNegative();
            heard.append((char) octet);
        }
        return heard.toString();
    }
}
