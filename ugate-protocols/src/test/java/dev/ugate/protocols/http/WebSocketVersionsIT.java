package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Resolution;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.testing.Waist;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSocket through chains of proxies that speak HTTP/1.1 and HTTP/2 to each other: every direction of versions, both ends in bytes. */
@Timeout(60)
final class WebSocketVersionsIT {
    private static final Pattern KEY = Pattern.compile("sec-websocket-key: (\\S+)\r\n");

    private final List<Proxy> chain = new ArrayList<>();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(20_000);
    }

    @AfterEach
    void close() throws IOException {
        chain.forEach(Proxy::close);
        server.close();
    }

    /** The last proxy asks the server, in HTTP/1.1; each before it asks the next, in the version of the link. */
    private Proxy chain(String links) {
        int next = server.getLocalPort();
        HttpVersion version = HttpVersion.HTTP_1_1;
        for (int i = links.length(); i >= 0; i--) {
            Proxy proxy = Proxy.open();
            chain.add(proxy);
            InetSocketAddress there = new InetSocketAddress(InetAddress.getLoopbackAddress(), next);
            HttpVersion spoken = version;
            proxy.waist.decide(
                    Waist.OPEN,
                    target -> CompletableFuture.completedFuture(Optional.of(Resolution.of(
                            "chain",
                            Duration.ZERO,
                            List.of(endpoint(target, there).withHttp(spoken))))));
            next = proxy.port();
            version = i > 0 && links.charAt(i - 1) == '2' ? HttpVersion.H2 : HttpVersion.HTTP_1_1;
        }
        return chain.get(chain.size() - 1);
    }

    private static Endpoint endpoint(HostPort target, InetSocketAddress there) {
        return Endpoint.tcp(target, List.of(there));
    }

    private static String head() {
        return "GET http://a.example/chat HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    }

    private static String switching(String head) {
        Matcher key = KEY.matcher(head);
        assertThat(key.find()).isTrue();
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + new WebSocketKey(key.group(1)).accept()
                + "\r\nSec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    }

    /** One character a link between two proxies: 1 to 1, 1 to 2 and 2 to 1, and 2 to 2 in the middle. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "22", "212"})
    void relaysThroughEveryPairOfVersions(String links) throws IOException {
        try (Proxy.Client client = chain(links).client().say(head() + "early");
                Proxy.Client upstream = new Proxy.Client(server.accept())) {
            String asked = upstream.hear("\r\n\r\n");
            assertThat(asked)
                    .startsWith("GET /chat HTTP/1.1\r\n")
                    .contains(
                            "upgrade: websocket\r\n",
                            "sec-websocket-version: 13\r\n",
                            "sec-websocket-protocol: chat\r\n",
                            "sec-websocket-extensions: permessage-deflate\r\n")
                    .doesNotContain("dGhlIHNhbXBsZSBub25jZQ==");
            upstream.say(switching(asked) + "soon");
            assertThat(client.hear("soon"))
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                    .contains(
                            "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
                            "sec-websocket-protocol: chat\r\n",
                            "sec-websocket-extensions: permessage-deflate\r\n");
            assertThat(upstream.hear("early")).isEqualTo("early");
            client.socket().shutdownOutput();
            assertThat(upstream.hearAll()).isEmpty();
            upstream.say("and more");
            upstream.socket().shutdownOutput();
            assertThat(client.hearAll()).isEqualTo("and more");
        }
        for (Proxy proxy : chain) {
            await().untilAsserted(() -> assertThat(proxy.waist.notes.ended()).hasSize(1));
            var books = proxy.waist.notes.ended().get(0);
            assertThat(books.refused()).isEmpty();
            assertThat(books.answered().orElseThrow().status())
                    .isEqualTo("2".equals(books.intent().labels().get("version")) ? 200 : 101);
            assertThat(books.bytesIn()).isEqualTo("early".length());
            assertThat(books.bytesOut()).isEqualTo("soonand more".length());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "22"})
    void passesOnARefusal(String links) throws IOException {
        try (Proxy.Client client = chain(links).client().say(head());
                Proxy.Client upstream = new Proxy.Client(server.accept())) {
            upstream.hear("\r\n\r\n");
            upstream.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            assertThat(client.hearAll())
                    .startsWith("HTTP/1.1 403 Forbidden\r\n")
                    .endsWith("\r\n\r\nno");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "22"})
    void aBreakIsABreakAtTheOtherEnd(String links) throws IOException {
        try (Proxy.Client client = chain(links).client().say(head());
                Proxy.Client upstream = new Proxy.Client(server.accept())) {
            upstream.say(switching(upstream.hear("\r\n\r\n")));
            client.hear("\r\n\r\n");
            client.socket().setSoLinger(true, 0);
            client.socket().close();
            upstream.socket().setSoTimeout(20_000);
            assertThat(catchThrowable(() -> upstream.socket().getInputStream().read()))
                    .hasMessageContaining("reset");
        }
    }
}
