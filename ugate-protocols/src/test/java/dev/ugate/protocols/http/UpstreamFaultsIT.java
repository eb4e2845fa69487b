package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Filters;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.model.http.Tries;
import dev.ugate.protocols.http.h2.Frames;
import dev.ugate.route.Match;
import dev.ugate.spi.Journal;
import dev.ugate.testing.Changed;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client and the access log are told of an upstream that answers late, oddly, or not at all; the upstream played in bytes. */
@Timeout(60)
final class UpstreamFaultsIT {
    private static final Timeouts HASTY = Changed.of(
            Timeouts.STANDARD,
            Map.of("exchange", Changed.of(Timeouts.STANDARD.exchange(), Map.of("firstByte", Duration.ofMillis(300)))));
    private static final String UPGRADE = "GET /chat HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private final Proxy proxy = Proxy.open(HASTY);
    private final Frames frames = new Frames();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(20_000);
        upstream(HttpVersion.HTTP_1_1);
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
    }

    /** Every target is this server, in that version. */
    private void upstream(HttpVersion version) {
        proxy.waist.leadTo(server.getLocalPort(), endpoint -> endpoint.withHttp(version));
    }

    private static String get() {
        return "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";
    }

    /** The access line of the one request. */
    private Journal.Ended line() {
        await().untilAsserted(() -> assertThat(proxy.waist.notes.ended()).hasSize(1));
        return proxy.waist.notes.ended().get(0);
    }

    private String error() {
        return line().refused().orElseThrow().text();
    }

    private static long bodyOf(String answer) {
        return answer.length() - (answer.indexOf("\r\n\r\n") + 4);
    }

    /** Plays an upstream of HTTP/2 without extended CONNECT up to the first frames that fit. */
    private List<String> hear(Socket upstream, String kind) throws IOException {
        InputStream in = upstream.getInputStream();
        upstream.setSoTimeout(20_000);
        in.readNBytes(Frames.PREFACE.length);
        upstream.getOutputStream().write(Frames.join(Frames.settings(), Frames.settingsAck()));
        List<String> heard = new ArrayList<>();
        byte[] part = new byte[4096];
        while (heard.stream().noneMatch(frame -> frame.startsWith(kind))) {
            int length = in.read(part);
            assertThat(length).isPositive();
            heard.addAll(frames.read(java.util.Arrays.copyOf(part, length)));
        }
        return heard;
    }

    @Test
    void aLateReplyIsATimeoutOfTheResponse() throws IOException {
        try (Proxy.Client client = proxy.client().say(get());
                Socket silent = server.accept()) {
            String heard = client.hearAll();
            assertThat(heard)
                    .startsWith("HTTP/1.1 504 Gateway Timeout\r\n")
                    .contains("proxy-status: ugate; error=http_response_timeout;");
            assertThat(line().endpoint()).contains("a.example:80");
            assertThat(line().bytesOut()).isEqualTo(bodyOf(heard)).isPositive();
            assertThat(silent.isConnected()).isTrue();
        }
    }

    /** As nginx writes it: 502 would be for the upstream. */
    @Test
    void aClientThatLeftBeforeItsAnswerIs499() throws IOException {
        try (Proxy.Client client = proxy.client().say(get());
                Socket upstream = server.accept()) {
            assertThat(upstream.getInputStream().read()).isEqualTo('G');
            client.socket().setSoLinger(true, 0);
            client.close();
            assertThat(error()).isEqualTo("client: went away before the answer");
            assertThat(line().answered().orElseThrow().status()).isEqualTo(499);
        }
    }

    @Test
    void aLateReplyInHttp2IsATimeoutOfTheResponse() throws IOException {
        upstream(HttpVersion.H2);
        try (Proxy.Client client = proxy.client().say(get());
                Socket silent = server.accept()) {
            hear(silent, "HEADERS");
            assertThat(client.hearAll())
                    .startsWith("HTTP/1.1 504 Gateway Timeout\r\n")
                    .contains("proxy-status: ugate; error=http_response_timeout;");
            assertThat(line().endpoint()).contains("a.example:80");
        }
    }

    /** RFC 8441 §3: who does not say so may not be asked; the connection is there, and would say the same again. */
    @Test
    void anUpstreamThatCannotBeUpgradedIsAskedOnce() throws IOException {
        upstream(HttpVersion.H2);
        try (Proxy.Client client = proxy.client().say(UPGRADE);
                Socket plain = server.accept()) {
            hear(plain, "SETTINGS ack");
            assertThat(client.hearAll())
                    .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                    .contains("proxy-status: ugate; error=http_upgrade_failed;");
        }
        assertThat(line().attempts()).isEqualTo(1);
    }

    @Test
    void anAnswerThatTakesAnUpgradeForARequestIsAFailedUpgrade() throws IOException {
        try (Proxy.Client client = proxy.client().say(UPGRADE);
                Proxy.Client plain = new Proxy.Client(server.accept())) {
            plain.hear("\r\n\r\n");
            plain.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            assertThat(client.hearAll())
                    .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                    .contains("proxy-status: ugate; error=http_upgrade_failed;");
        }
    }

    @Test
    void aReplyThatBreaksTheRulesIsAProtocolError() throws IOException {
        try (Proxy.Client client = proxy.client().say(get());
                Proxy.Client odd = new Proxy.Client(server.accept())) {
            odd.hear("\r\n\r\n");
            odd.say("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n");
            assertThat(client.hearAll())
                    .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                    .contains("proxy-status: ugate; error=http_protocol_error;");
        }
    }

    @Test
    void aConnectionThatEndsBeforeTheReplyIsTerminated() throws IOException {
        try (Proxy.Client client = proxy.client().say(get().replace("GET", "POST"))) {
            try (Proxy.Client gone = new Proxy.Client(server.accept())) {
                gone.hear("\r\n\r\n");
            }
            assertThat(client.hearAll())
                    .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                    .contains("proxy-status: ugate; error=connection_terminated;");
        }
    }

    /** RFC 9110 §7.6.3: the protocol that the message was received in. */
    @Test
    void viaTellsTheVersionInWhichTheUpstreamReplied() throws IOException {
        for (String version : List.of("1.0", "1.1")) {
            try (Proxy.Client client = proxy.client().say(get());
                    Proxy.Client upstream = new Proxy.Client(server.accept())) {
                upstream.hear("\r\n\r\n");
                upstream.say("HTTP/" + version + " 200 OK\r\nVia: 2 other\r\nContent-Length: 0\r\n\r\n");
                assertThat(client.hearAll())
                        .startsWith("HTTP/1.1 200 OK\r\n")
                        .containsPattern(
                                "via: 2 other\r\nvia: " + version.replace(".", "\\.") + " ugate-[0-9a-f]{8}\r\n");
            }
            upstream(HttpVersion.HTTP_1_1);
        }
        upstream(HttpVersion.H2);
        try (Proxy.Client client = proxy.client().say(get());
                Socket upstream = server.accept()) {
            hear(upstream, "HEADERS");
            upstream.getOutputStream().write(frames.headers(1, true, ":status", "200", "content-length", "0"));
            assertThat(client.hearAll())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .containsPattern("via: 2 ugate-[0-9a-f]{8}\r\n");
        }
    }

    /** RFC 9209 §2: the members of others are kept, in their order; of ours there is one where the answer is ours. */
    @Test
    void whatNextHopsSayOfTheirErrorsPasses() throws IOException {
        try (Proxy.Client client = proxy.client().say(get());
                Proxy.Client upstream = new Proxy.Client(server.accept())) {
            upstream.hear("\r\n\r\n");
            upstream.say("HTTP/1.1 502 No\r\nProxy-Status: far; error=dns_timeout; details=\"a, b\", mid\r\n"
                    + "Proxy-Status: ugate; received-status=502\r\nContent-Length: 0\r\n\r\n");
            assertThat(client.hearAll())
                    .startsWith("HTTP/1.1 502 ")
                    .contains("proxy-status: far; error=dns_timeout; details=\"a, b\", mid\r\n"
                            + "proxy-status: ugate; received-status=502\r\n")
                    .doesNotContain("error=http", "error=destination");
        }
    }

    @Test
    void nothingThatIsMadeHereIsSignedAsPassedOn() throws IOException {
        try (Proxy.Client client = proxy.client()) {
            client.say("TRACE http://a.example/ HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
            assertThat(client.hearAll()).startsWith("HTTP/1.1 405 ").doesNotContain("via:");
        }
    }

    @Test
    void aReplyThatBreaksTellsWhoBrokeItAndWhere() throws IOException {
        try (Proxy.Client client = proxy.client().say(get())) {
            try (Proxy.Client upstream = new Proxy.Client(server.accept())) {
                upstream.hear("\r\n\r\n");
                upstream.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
                client.hear("half");
            }
            assertThat(error()).isEqualTo("upstream: ended within the body of its reply: expected 5 octets more");
        }
    }

    @Test
    void anUpstreamThatIsNotThereIsNamed() throws IOException {
        server.close();
        try (Proxy.Client client = proxy.client().say(get())) {
            assertThat(client.hearAll()).contains("error=connection_refused;");
        }
        assertThat(line().endpoint()).contains("a.example:80");
    }

    /** Dials are counted and never answered; a try may take that long. */
    private AtomicInteger swallow(Duration limit) {
        AtomicInteger dials = new AtomicInteger();
        proxy.waist.transports.add("tcp", (dial, loop) -> {
            dials.incrementAndGet();
            return loop.newPromise();
        });
        Tries tries = new Tries(
                Optional.empty(), Optional.of(limit), Optional.of(new Tries.Retry(0, Set.of(), Optional.empty())));
        proxy.waist.routes(new Route(
                "hasty",
                Match.ALL,
                new Route.Forward(List.of(), Optional.empty(), Optional.empty()),
                Changed.of(Filters.NONE, Map.of("tries", tries))));
        return dials;
    }

    /** Else one that swallows SYNs would never rest where the route has less patience than {@code timeouts.connect}. */
    @Test
    void aDialThatIsLateCountsAgainstItsEndpoint() throws IOException {
        swallow(Duration.ofMillis(20));
        for (int i = 0; i < 5; i++) {
            assertThat(proxy.waist.ejections.count()).isZero();
            try (Proxy.Client client = proxy.client().say(get())) {
                assertThat(client.hearAll()).startsWith("HTTP/1.1 504 Gateway Timeout\r\n");
            }
        }
        assertThat(proxy.waist.ejections.count()).isEqualTo(1);
    }

    @Test
    void aDialWhoseClientLeftCountsAgainstNobody() throws IOException {
        AtomicInteger dials = swallow(Duration.ofMinutes(1));
        for (int i = 1; i <= 6; i++) {
            int asked = i;
            try (Proxy.Client client = proxy.client().say(get())) {
                await().untilAsserted(() -> assertThat(dials).hasValue(asked));
                client.socket().setSoLinger(true, 0);
            }
            await().untilAsserted(() -> assertThat(proxy.waist.notes.ended()).hasSize(asked));
        }
        assertThat(proxy.waist.ejections.count()).isZero();
    }

    @Test
    void aStreamThatIsResetTellsWhoResetItAndWhen() throws IOException {
        upstream(HttpVersion.H2);
        try (Proxy.Client client = proxy.client().say(get().replace("GET", "POST"));
                Socket upstream = server.accept()) {
            hear(upstream, "HEADERS");
            upstream.getOutputStream().write(Frames.reset(1, 2));
            assertThat(client.hearAll())
                    .startsWith("HTTP/1.1 502 Bad Gateway\r\n")
                    .contains("proxy-status: ugate; error=http_response_incomplete;");
        }
        assertThat(error()).isEqualTo("upstream: http2: stream reset: INTERNAL_ERROR before its reply");
    }

    @Test
    void aStreamThatIsResetWithinItsBodyTellsSo() throws IOException {
        upstream(HttpVersion.H2);
        try (Proxy.Client client = proxy.client().say(get());
                Socket upstream = server.accept()) {
            hear(upstream, "HEADERS");
            upstream.getOutputStream().write(frames.headers(1, false, ":status", "200"));
            upstream.getOutputStream().write(Frames.data(1, false, "half"));
            client.hear("half");
            upstream.getOutputStream().write(Frames.reset(1, 2));
            assertThat(error()).isEqualTo("upstream: http2: stream reset: INTERNAL_ERROR within the body of its reply");
        }
    }

    @Test
    void aClientThatLeavesWithinTheBodyIsNamed() throws IOException {
        try (Proxy.Client upstream = replying(get())) {
            assertThat(error()).isEqualTo("relay: client went away");
            assertThat(upstream.socket().isConnected()).isTrue();
        }
    }

    /** The upstream's side of an exchange whose client resets within the reply. */
    private Proxy.Client replying(String request) throws IOException {
        try (Proxy.Client client = proxy.client().say(request)) {
            Proxy.Client upstream = new Proxy.Client(server.accept());
            upstream.hear("\r\n\r\n");
            upstream.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
            client.hear("half");
            client.socket().setSoLinger(true, 0);
            return upstream;
        }
    }
}
