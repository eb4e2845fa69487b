package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Route;
import dev.ugate.protocols.http.ws.EchoServer;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.route.Match;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** WebSocket through the proxy over HTTP/1.1, client and upstream played in bytes. */
@Timeout(60)
final class WebSocketIT {
    private static final Pattern KEY = Pattern.compile("sec-websocket-key: (\\S+)\r\n");
    private static final int LARGE = 16 << 20;

    private final Proxy proxy = Proxy.open();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(20_000);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        proxy.close();
    }

    private String head() {
        String authority = "127.0.0.1:" + server.getLocalPort();
        return "GET http://" + authority + "/chat HTTP/1.1\r\nHost: " + authority
                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    }

    /** The accepted upstream connection and the head that came on it. */
    private record Upstream(Proxy.Client client, String head) implements AutoCloseable {
        String switching() {
            Matcher key = KEY.matcher(head);
            assertThat(key.find()).isTrue();
            return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                    + new WebSocketKey(key.group(1)).accept()
                    + "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    private Upstream accept() throws IOException {
        Proxy.Client client = new Proxy.Client(server.accept());
        return new Upstream(client, client.hear("\r\n\r\n"));
    }

    @Test
    void relaysBytesBothWaysAndEachEndAlone() throws IOException {
        try (Proxy.Client client = proxy.client().say(head() + "early");
                Upstream upstream = accept()) {
            assertThat(upstream.head())
                    .startsWith("GET /chat HTTP/1.1\r\n")
                    .contains("upgrade: websocket\r\n", "connection: Upgrade\r\n", "sec-websocket-version: 13\r\n")
                    .contains("sec-websocket-extensions: permessage-deflate\r\n")
                    .doesNotContain("dGhlIHNhbXBsZSBub25jZQ==", "content-length", "transfer-encoding");
            upstream.client().say(upstream.switching() + "soon");
            assertThat(client.hear("soon"))
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                    .contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                    .contains("sec-websocket-extensions: permessage-deflate\r\n")
                    .endsWith("\r\n\r\nsoon");
            assertThat(upstream.client().hear("early")).isEqualTo("early");
            client.socket().shutdownOutput();
            assertThat(upstream.client().hearAll()).isEmpty();
            upstream.client().say("and more");
            upstream.client().socket().shutdownOutput();
            assertThat(client.hearAll()).isEqualTo("and more");
        }
        await().untilAsserted(() -> assertThat(proxy.waist.notes.ended()).hasSize(1));
        var books = proxy.waist.notes.ended().get(0);
        assertThat(books.refused()).isEmpty();
        assertThat(books.bytesIn()).isEqualTo("early".length());
        assertThat(books.bytesOut()).isEqualTo("soonand more".length());
    }

    @Test
    void resetsTheOtherSideWhenOneBreaks() throws IOException {
        try (Proxy.Client client = proxy.client().say(head());
                Upstream upstream = accept()) {
            upstream.client().say(upstream.switching());
            client.hear("\r\n\r\n");
            client.socket().setSoLinger(true, 0);
            client.socket().close();
            Socket end = upstream.client().socket();
            end.setSoTimeout(20_000);
            assertThat(catchThrowable(() -> end.getInputStream().read())).hasMessageContaining("reset");
        }
        await().untilAsserted(() -> assertThat(proxy.waist.notes.ended()).hasSize(1));
        assertThat(proxy.waist.notes.ended().get(0).refused()).isPresent();
    }

    @Test
    void carriesLargeTrafficInBothDirectionsAtOnce() throws Exception {
        try (Proxy.Client client = proxy.client().say(head());
                Upstream upstream = accept()) {
            upstream.client().say(upstream.switching());
            client.hear("\r\n\r\n");
            List<Thread> senders =
                    List.of(sender(client.socket(), 1), sender(upstream.client().socket(), 2));
            assertThat(digest(client.socket().getInputStream())).isEqualTo(digest(2));
            assertThat(digest(upstream.client().socket().getInputStream())).isEqualTo(digest(1));
            for (Thread thread : senders) {
                thread.join(Duration.ofSeconds(20).toMillis());
            }
        }
    }

    private static Thread sender(Socket socket, long seed) {
        Thread thread = new Thread(() -> {
            try {
                OutputStream out = socket.getOutputStream();
                byte[] bytes = new byte[1 << 16];
                SplittableRandom random = new SplittableRandom(seed);
                for (int sent = 0; sent < LARGE; sent += bytes.length) {
                    random.nextBytes(bytes);
                    out.write(bytes);
                }
                socket.shutdownOutput();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        thread.start();
        return thread;
    }

    private static String digest(long seed) throws IOException {
        byte[] bytes = new byte[LARGE];
        byte[] part = new byte[1 << 16];
        SplittableRandom random = new SplittableRandom(seed);
        for (int at = 0; at < LARGE; at += part.length) {
            random.nextBytes(part);
            System.arraycopy(part, 0, bytes, at, part.length);
        }
        return digest(new ByteArrayInputStream(bytes));
    }

    private static String digest(InputStream in) throws IOException {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(in, sha).transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Collects what comes back until the server closed. */
    private static final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private final CompletableFuture<String> closed = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data).append(last ? "\n" : "");
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(text + "closed " + code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }
    }

    @Test
    void letsTheClientOfTheJdkTalkToAServer() throws Exception {
        try (EchoServer echo = new EchoServer()) {
            proxy.waist.routes(new Route(
                    "echo",
                    Match.ALL,
                    new Route.Forward(
                            List.of(new Route.Destination(
                                    Optional.of("127.0.0.1:" + echo.port()), 1, List.of(), Optional.empty())),
                            Optional.empty(),
                            Optional.empty())));
            Listener listener = new Listener();
            WebSocket socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + proxy.port() + "/chat"), listener)
                    .get(20, TimeUnit.SECONDS);
            socket.sendText("grüße ", false).get(20, TimeUnit.SECONDS);
            socket.sendText("von hier", true).get(20, TimeUnit.SECONDS);
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").get(20, TimeUnit.SECONDS);
            assertThat(listener.closed.get(20, TimeUnit.SECONDS)).isEqualTo("grüße von hier\nclosed 1000");
        }
        await().untilAsserted(() -> assertThat(proxy.waist.notes.ended()).hasSize(1));
        assertThat(proxy.waist.notes.ended().get(0).refused()).isEmpty();
    }

    @Test
    void passesOnAnAnswerThatRefusesTheUpgrade() throws IOException {
        try (Proxy.Client client = proxy.client().say(head() + "GET /smuggled HTTP/1.1\r\n\r\n");
                Upstream upstream = accept()) {
            upstream.client().say("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            String answer = client.hearAll();
            assertThat(answer).startsWith("HTTP/1.1 403 Forbidden\r\n").endsWith("\r\n\r\nno");
            assertThat(upstream.client().hearAll()).isEmpty();
        }
    }

    @Test
    void refusesAnUpstreamThatSwitchesWithoutTheRightAnswer() throws IOException {
        try (Proxy.Client client = proxy.client().say(head());
                Upstream upstream = accept()) {
            upstream.client()
                    .say(upstream.switching().replaceAll("Accept: .*", "Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
            assertThat(client.hearAll()).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
        }
    }

    @Test
    void refusesAnUpstreamThatSaysOkInsteadOfSwitching() throws IOException {
        try (Proxy.Client client = proxy.client().say(head());
                Upstream upstream = accept()) {
            upstream.client().say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
            assertThat(client.hearAll()).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
        }
    }
}
