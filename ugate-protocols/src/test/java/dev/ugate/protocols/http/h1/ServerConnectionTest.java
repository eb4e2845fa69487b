package dev.ugate.protocols.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Listener;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Fin;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One client connection, the gate played by the test. */
final class ServerConnectionTest {
    private static final String GET = "GET http://a.b/ HTTP/1.1\r\nHost: a.b\r\n\r\n";

    private final FakeGate gate = new FakeGate();
    private final Notes notes = new Notes();
    private Wire wire = serve(Listening.open().journal(notes));

    private Wire serve(Listening listening) {
        Wire served = Wire.local(listening);
        served.pipeline().addLast(new ServerConnection(served, gate, new Intake("me")));
        return served;
    }

    @AfterEach
    void leavesNothing() {
        wire.close();
        wire.heard();
        wire.checkException();
        assertThat(wire.tally().live()).isEmpty();
    }

    @Test
    void aStrangerHearsNotWhyPasswordsCannotBeChecked() {
        Refused why = Refused.because(Refusal.OVERLOADED, "password: too many wait to be checked");
        Wire afar = Wire.remote(Listening.open().journal(notes).failing(why));
        afar.pipeline().addLast(new ServerConnection(afar, gate, new Intake("me")));
        afar.send(
                "GET / HTTP/1.1\r\nHost: a.b\r\nAuthorization: Basic YTpi\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(new String(afar.heardBytes(), StandardCharsets.US_ASCII))
                .endsWith("\r\n503 Service Unavailable: connection_limit_reached\n")
                .doesNotContain("password");
        assertThat(notes.failed()).extracting(Refused::text).containsExactly("http: " + why.text());
        afar.close();
        afar.heard();
    }

    private Exchange ask(String text) {
        int before = gate.asked().size();
        say(text);
        assertThat(gate.asked()).hasSize(before + 1);
        return gate.exchange();
    }

    private void say(String text) {
        wire.send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** What went out, less the time of day. */
    private String heard() {
        return new String(wire.heardBytes(), StandardCharsets.ISO_8859_1)
                .replaceAll("date: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9 :]{13} GMT\r\n", "");
    }

    private static void body(Exchange exchange, String text) {
        Channel body = exchange.request().body();
        body.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private static void end(Exchange exchange) {
        exchange.request().body().writeAndFlush(Fin.FIN);
    }

    private static void answer(Exchange exchange, String text) {
        exchange.reply(200, Fields.NONE, text.length(), "1.1");
        body(exchange, text);
        end(exchange);
    }

    private static Sink read(Exchange exchange) {
        Sink sink = new Sink();
        exchange.request().body().pipeline().addLast(sink);
        exchange.request().body().config().setAutoRead(true);
        return sink;
    }

    @Test
    void keepsTheConnectionForTheNextRequest() {
        for (int i = 0; i < 3; i++) {
            answer(ask(GET), "hello");
            assertThat(heard()).isEqualTo("HTTP/1.1 200 OK\r\nvia: 1.1 me\r\ncontent-length: 5\r\n\r\nhello");
            assertThat(wire.sawEnd()).isFalse();
        }
    }

    @Test
    void closeOfAnExchangeThatIsOverNeverClosesTheConnection() {
        Exchange first = ask(GET);
        answer(first, "1");
        first.request().body().close();
        answer(ask(GET), "2");
        assertThat(heard()).endsWith("2");
        assertThat(wire.isOpen()).isTrue();
    }

    @Test
    void traceIsNotAllowedAndNobodyIsAsked() {
        say("TRACE http://a.b/ HTTP/1.1\r\nHost: a.b\r\nCookie: secret\r\n\r\n");
        assertThat(gate.asked()).isEmpty();
        assertThat(heard())
                .startsWith("HTTP/1.1 405 Method Not Allowed\r\nallow: GET, ")
                .doesNotContain("secret");
        assertThat(notes.ended())
                .singleElement()
                .satisfies(line -> assertThat(line.answered())
                        .map(answered -> answered.status())
                        .contains(405));
        answer(ask(GET), "x");
    }

    @Test
    void optionsThatMayGoNoFurtherIsAnsweredHere() {
        say("OPTIONS * HTTP/1.1\r\nHost: a.b\r\nMax-Forwards: 0\r\n\r\n");
        assertThat(gate.asked()).isEmpty();
        assertThat(heard()).startsWith("HTTP/1.1 200 OK\r\nallow: GET, ");
        assertThat(ask("OPTIONS * HTTP/1.1\r\nHost: a.b\r\nMax-Forwards: 1\r\n\r\n")
                        .request()
                        .fields()
                        .all("max-forwards"))
                .containsExactly("0");
    }

    @Test
    void clientThatDoesNotKnowTheProxyIsAskedAsByAnOrigin() {
        Refused why = Refused.because(Refusal.UNAUTHENTICATED, "listener: forwards for authenticated peers only");
        ask("GET / HTTP/1.1\r\nHost: a.b\r\n\r\n").refused(why);
        assertThat(heard())
                .startsWith("HTTP/1.1 401 Unauthorized\r\n")
                .contains("www-authenticate: Basic realm=")
                .doesNotContain("proxy-authenticate");
        ask(GET).refused(why);
        assertThat(heard())
                .startsWith("HTTP/1.1 407 Proxy Authentication Required\r\n")
                .contains("proxy-authenticate: Basic realm=");
    }

    @Test
    void answerHasTheTimeOnce() {
        Exchange exchange = ask(GET);
        exchange.reply(200, Fields.of("date", "Sun, 06 Nov 1994 08:49:37 GMT"), 0, "1.1");
        end(exchange);
        assertThat(new String(wire.heardBytes(), StandardCharsets.ISO_8859_1))
                .containsOnlyOnce("date: ")
                .contains("1994");
        answer(ask(GET), "x");
        assertThat(new String(wire.heardBytes(), StandardCharsets.ISO_8859_1))
                .containsPattern("\r\ndate: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} GMT\r\n");
    }

    @Test
    void streamsAnAnswerOfUnknownLengthInChunks() {
        Exchange exchange = ask(GET);
        exchange.reply(200, Fields.of("content-type", "text/event-stream"), -1, "1.1");
        assertThat(heard())
                .isEqualTo(
                        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nvia: 1.1 me\r\ntransfer-encoding: chunked\r\n\r\n");
        body(exchange, "data: 1");
        assertThat(heard()).isEqualTo("7\r\ndata: 1\r\n");
        exchange.request().body().writeAndFlush(Fin.with(Fields.of("x-sum", "7")));
        assertThat(heard()).isEqualTo("0\r\nx-sum: 7\r\n\r\n");
        ask(GET);
    }

    @Test
    void answersHttp10WithoutChunksAndCloses() {
        Exchange exchange = ask("GET http://a.b/ HTTP/1.0\r\n\r\n");
        exchange.inform(103, Fields.NONE);
        exchange.reply(200, Fields.NONE, -1, "1.1");
        body(exchange, "text");
        end(exchange);
        assertThat(heard()).isEqualTo("HTTP/1.1 200 OK\r\nvia: 1.1 me\r\nconnection: close\r\n\r\ntext");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void keepsHttp10AliveWhenAskedAndTheLengthIsKnown() {
        answer(ask("GET http://a.b/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "x");
        assertThat(heard()).contains("connection: keep-alive\r\n");
        assertThat(wire.sawEnd()).isFalse();
    }

    @Test
    void closesWhenTheClientAsksForIt() {
        answer(ask("GET http://a.b/ HTTP/1.1\r\nHost: a.b\r\nConnection: close\r\n\r\n"), "x");
        assertThat(heard()).contains("connection: close\r\n");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void leavesOutBodiesThatMustNotBe() {
        Exchange head = ask("HEAD http://a.b/ HTTP/1.1\r\nHost: a.b\r\n\r\n");
        head.reply(200, Fields.NONE, 10, "1.1");
        body(head, "dropped");
        end(head);
        assertThat(heard()).isEqualTo("HTTP/1.1 200 OK\r\nvia: 1.1 me\r\ncontent-length: 10\r\n\r\n");
        Exchange unchanged = ask(GET);
        unchanged.reply(304, Fields.NONE, -1, "1.1");
        end(unchanged);
        assertThat(heard()).isEqualTo("HTTP/1.1 304 Not Modified\r\nvia: 1.1 me\r\n\r\n");
        Exchange none = ask(GET);
        none.reply(204, Fields.NONE, 0, "1.1");
        end(none);
        assertThat(heard()).isEqualTo("HTTP/1.1 204 No Content\r\nvia: 1.1 me\r\n\r\n");
    }

    @Test
    void doesNotReadTheNextRequestBeforeItAnswered() {
        Exchange first = ask(GET + GET);
        assertThat(wire.config().isAutoRead()).isFalse();
        answer(first, "1");
        assertThat(gate.asked()).hasSize(2);
        answer(gate.exchange(), "2");
        assertThat(heard()).containsSubsequence("\r\n\r\n1", "\r\n\r\n2");
        assertThat(wire.config().isAutoRead()).isTrue();
    }

    @Test
    void stopsReadingABodyThatNobodyTakes() {
        Exchange exchange = ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 10\r\n\r\n12345");
        assertThat(wire.config().isAutoRead()).isFalse();
        Sink sink = read(exchange);
        wire.runPendingTasks();
        assertThat(wire.config().isAutoRead()).isTrue();
        say("67890");
        assertThat(new String(sink.taken())).isEqualTo("1234567890");
        assertThat(sink.ended()).isTrue();
    }

    @Test
    void holdsTheAnswerBackWhileTheClientDoesNotRead() {
        Exchange exchange = ask(GET);
        Channel body = exchange.request().body();
        wire.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        exchange.reply(200, Fields.NONE, -1, "1.1");
        body.writeAndFlush(Unpooled.wrappedBuffer(new byte[100_000]));
        assertThat(body.isWritable()).isFalse();
        assertThat(heard()).endsWith("\r\n\r\n");
        wire.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        wire.runPendingTasks();
        assertThat(body.isWritable()).isTrue();
        assertThat(heard()).startsWith("186a0\r\n");
    }

    @Test
    void t38HoldsWhatFollowsConnectAndClosesWhenItFails() {
        say("CONNECT a.b:443 HTTP/1.1\r\nHost: a.b:443\r\n\r\n" + GET);
        gate.refuse(Refusal.DENIED);
        assertThat(heard()).startsWith("HTTP/1.1 403 Forbidden\r\n").contains("connection: close");
        assertThat(gate.asked()).isEmpty();
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void t39DrainsARequestAnsweredEarlyAndGoesOn() {
        Exchange exchange = ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 1000\r\n\r\n");
        answer(exchange, "no");
        say("x".repeat(1000) + GET);
        assertThat(gate.asked()).hasSize(2);
        assertThat(wire.sawEnd()).isFalse();
    }

    @Test
    void t39ClosesWhenTheRestOfARequestIsLongOrLate() {
        answer(ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 100000\r\n\r\n"), "no");
        say("x".repeat(66_000));
        assertThat(wire.sawEnd()).isTrue();
        leavesNothing();

        wire = serve(Listening.open());
        answer(ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: chunked\r\n\r\n"), "no");
        wire.pass(Duration.ofMillis(1100));
        assertThat(wire.sawEnd()).isTrue();
        say(GET);
        assertThat(gate.asked()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Length: 65536, false",
        "Content-Length: 65537, true",
        "Transfer-Encoding: chunked, true",
    })
    void t39TellsAnEarlyAnswerFromOneBehindWhichAnotherRequestMayFollow(String framing, boolean last) {
        answer(ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\n" + framing + "\r\n\r\n"), "no");
        assertThat(heard().contains("connection: close")).isEqualTo(last);
        assertThat(wire.sawEnd()).isFalse();
    }

    /** Nobody could tell such a client any more that its connection ends. */
    @Test
    void aBreakBehindTheLastOctetOfAnAnswerKeepsTheConnection() {
        Exchange whole = ask(GET);
        whole.reply(200, Fields.NONE, 5, "1.1");
        body(whole, "hello");
        whole.request().body().close();
        assertThat(heard()).endsWith("hello");
        Exchange head = ask(GET.replace("GET", "HEAD"));
        head.reply(200, Fields.NONE, 5, "1.1");
        head.request().body().close();
        answer(ask(GET), "next");
        assertThat(heard()).endsWith("next");
        assertThat(wire.sawEnd()).isFalse();
    }

    @Test
    void t39ClosesWhenAClientThatWaitsFor100HearsNo() {
        Exchange exchange =
                ask("PUT http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        assertThat(exchange.request().fields().first("expect")).contains("100-continue");
        gate.refuse(Refusal.DENIED);
        assertThat(heard()).startsWith("HTTP/1.1 403 Forbidden\r\n").contains("connection: close\r\n");
        say("hello");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void passes100OnAndKeepsTheConnection() {
        Exchange exchange =
                ask("PUT http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        exchange.inform(100, Fields.NONE);
        assertThat(heard()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        read(exchange);
        say("hello");
        answer(exchange, "ok");
        assertThat(heard()).doesNotContain("connection: close");
        assertThat(wire.sawEnd()).isFalse();
    }

    @Test
    void t46ClosesASlowHeadWith408() {
        say("GET http://a.b/ HTTP/1.1\r\n");
        wire.pass(Duration.ofSeconds(6));
        say("X: 1\r\n");
        wire.pass(Duration.ofSeconds(5));
        String heard = heard();
        assertThat(heard).startsWith("HTTP/1.1 408 Request Timeout\r\n");
        assertThat(wire.sawEnd()).isTrue();
        assertThat(notes.failed()).extracting(why -> why.reason()).containsExactly(Refusal.TIMED_OUT);
        assertThat(notes.told()).containsExactly(bodyOf(heard));
    }

    private static long bodyOf(String answer) {
        return answer.length() - (answer.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void aHeadThatIsRefusedIsBookedWithItsAnswer() {
        for (String head : List.of(
                "GET / HTTP/1.1\r\n", "GET /" + "a".repeat(9000), "GET / HTTP/1.1\r\nA: " + "a".repeat(40_000))) {
            wire.close();
            wire = serve(Listening.open().journal(notes));
            int before = notes.told().size();
            say(head + "\r\n\r\n");
            assertThat(notes.told().subList(before, before + 1)).containsExactly(bodyOf(heard()));
        }
        assertThat(notes.told()).hasSize(3).doesNotContain(0L);
        assertThat(notes.statuses()).containsExactly(400, 414, 431);
    }

    /** RFC 9110 §9.3.2: however the rest of it goes wrong. */
    @Test
    void aRefusalOfHeadIsAHeadAlone() {
        String line = "HEAD http://a.b/ HTTP/1.1\r\n";
        assertThat(rejected(line + "Host: a.b\r\nA b: c\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(rejected(line + "A: " + "a".repeat(40_000) + "\r\n\r\n")).startsWith("HTTP/1.1 431 ");
        assertThat(rejected(line + "\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(rejected("HEAD /" + "a".repeat(20_000))).startsWith("HTTP/1.1 414 ");
        assertThat(rejected("\r\nHEAD / HTTP/2.0\r\n")).startsWith("HTTP/1.1 505 ");
        assertThat(rejected(line + "Host: a.b\r\nExpect: wonders\r\n\r\n")).startsWith("HTTP/1.1 417 ");
        assertThat(rejected(line + "Host: a.b\r\nTransfer-Encoding: chunked\r\n\r\nx"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(notes.failed()).hasSize(6);
        assertThat(notes.told()).containsOnly(0L);
        assertThat(givenUp(gate.exchange()).bytes()).isZero();
    }

    @Test
    void aLateHeadRequestGetsAHeadAlone() {
        say("HEAD http://a.b/ HTTP/1.1\r\nHost: a.b\r\n");
        wire.pass(Duration.ofSeconds(11));
        assertThat(heard())
                .startsWith("HTTP/1.1 408 ")
                .contains("\r\nconnection: close\r\n")
                .endsWith("\r\n\r\n");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void aHeadRequestWhosePasswordCannotBeCheckedGetsAHeadAlone() {
        Refused why = Refused.because(Refusal.OVERLOADED, "password: too many wait to be checked");
        wire.close();
        wire = serve(Listening.open().journal(notes).failing(why));
        assertThat(rejected("HEAD / HTTP/1.1\r\nHost: a.b\r\nAuthorization: Basic YTpi\r\n\r\n"))
                .startsWith("HTTP/1.1 503 ");
        assertThat(notes.told()).containsExactly(0L);
    }

    /** Only the request that is refused counts, and one without its method and a space is not HEAD. */
    @Test
    void aRefusalOfAnythingElseHasItsBody() {
        Exchange head = ask("HEAD http://a.b/ HTTP/1.1\r\nHost: a.b\r\n\r\n");
        head.reply(200, Fields.NONE, 0, "1.1");
        end(head);
        heard();
        say("HEAD\r\n\r\n");
        assertThat(heard()).startsWith("HTTP/1.1 400 ").endsWith(": request line: expected a method and one space\n");
        assertThat(wire.sawEnd()).isTrue();
    }

    /** What a new connection answers to this before it closes: a head without a body. */
    private String rejected(String request) {
        if (wire.sawEnd()) {
            leavesNothing();
            wire = serve(Listening.open().journal(notes));
        }
        say(request);
        String heard = heard();
        assertThat(heard)
                .containsPattern("\r\ncontent-length: [1-9][0-9]+\r\n")
                .contains("\r\nconnection: close\r\n")
                .endsWith("\r\n\r\n");
        assertThat(wire.sawEnd()).isTrue();
        return heard;
    }

    private static Exchange.GivenUp givenUp(Exchange exchange) {
        return exchange.request().body().attr(Exchange.GIVEN_UP).get();
    }

    private Exchange post(int length) {
        Exchange exchange = ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: " + length + "\r\n\r\n");
        read(exchange);
        return exchange;
    }

    @Test
    void t46ClosesABodyThatNeverComes() {
        post(5);
        wire.pass(Duration.ofSeconds(9));
        assertThat(wire.sawEnd()).isFalse();
        wire.pass(Duration.ofSeconds(2));
        assertThat(heard()).startsWith("HTTP/1.1 408 ").contains("limit minBodyRate: ");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void t46ClosesABodyThatStalls() {
        post(1 << 20);
        say("a".repeat(1 << 19));
        wire.pass(Duration.ofSeconds(50));
        say("a");
        wire.pass(Duration.ofSeconds(15));
        assertThat(wire.sawEnd()).isFalse();
        wire.pass(Duration.ofSeconds(46));
        assertThat(heard()).startsWith("HTTP/1.1 408 ");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void aStrangerHearsOfNoRouteOrAddress() {
        Refused why = Refused.because(Refusal.CONNECTION_REFUSED, "route shop: endpoint 10.0.0.7:80: connect: refused");
        for (String request : List.of(
                "GET / HTTP/1.1\r\nHost: a.b\r\nX-Request-Id: 4f1d\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a.b\r\nX-Request-Id: 4f1d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                "CONNECT a.b:80 HTTP/1.1\r\nHost: a.b:80\r\n\r\n")) {
            Wire afar = Wire.remote(Listening.open());
            FakeGate theirs = new FakeGate();
            afar.pipeline().addLast(new ServerConnection(afar, theirs, new Intake("me")));
            afar.send(request.getBytes(StandardCharsets.ISO_8859_1));
            if (theirs.asked().isEmpty()) {
                theirs.stream().refused(why);
            } else {
                theirs.exchange().refused(why);
            }
            String id = request.startsWith("GET") ? ", request 4f1d" : "";
            assertThat(new String(afar.heardBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 502 ")
                    .contains("error=connection_refused; details=\"connection_refused" + id + "\"")
                    .endsWith("502 Bad Gateway: connection_refused" + id + "\n");
            afar.close();
        }
    }

    @Test
    void t46ClosesABodyThatDribbles() {
        Exchange exchange = post(1 << 20);
        for (int second = 0; second < 30 && !wire.sawEnd(); second++) {
            assertThat(heard()).isEmpty();
            say("a".repeat(50));
            wire.pass(Duration.ofSeconds(1));
        }
        assertThat(wire.sawEnd()).isTrue();
        String said = heard();
        Exchange.GivenUp givenUp = givenUp(exchange);
        assertThat(givenUp.status()).isEqualTo(408);
        assertThat(givenUp.bytes()).isEqualTo(said.length() - (said.indexOf("\r\n\r\n") + 4));
    }

    @Test
    void bodyThatWaitsForItsContinueIsNotLate() {
        Exchange exchange =
                ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 5\r\n" + "Expect: 100-continue\r\n\r\n");
        read(exchange);
        wire.pass(Duration.ofSeconds(40));
        exchange.inform(100, Fields.NONE);
        wire.pass(Duration.ofSeconds(9));
        assertThat(heard()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        say("12345");
        answer(exchange, "x");
    }

    @Test
    void conversationHasAPaceOfItsOwn() {
        Exchange exchange = ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: chunked\r\n\r\n");
        read(exchange);
        exchange.reply(200, Fields.NONE, -1, "1.1");
        for (int i = 0; i < 5; i++) {
            wire.pass(Duration.ofSeconds(50));
            say("1\r\na\r\n");
        }
        assertThat(wire.sawEnd()).isFalse();
        say("0\r\n\r\n");
        end(exchange);
    }

    @Test
    void closesAnIdleConnectionWithoutAWord() {
        answer(ask(GET), "x");
        heard();
        wire.pass(Duration.ofSeconds(59));
        assertThat(wire.sawEnd()).isFalse();
        wire.pass(Duration.ofSeconds(2));
        assertThat(wire.sawEnd()).isTrue();
        assertThat(heard()).isEmpty();
    }

    @Test
    void waitsForASlowAnswerAsLongAsTheGateDoes() {
        Exchange exchange = ask(GET);
        wire.pass(Duration.ofMinutes(30));
        answer(exchange, "late");
        assertThat(heard()).endsWith("late");
    }

    @Test
    void malformedChunkGetsOneAnswerAndEndsTheExchange() {
        Exchange exchange = ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: chunked\r\n\r\n");
        say("5\nhello" + GET);
        assertThat(heard()).startsWith("HTTP/1.1 400 Bad Request\r\n");
        assertThat(wire.sawEnd()).isTrue();
        assertThat(exchange.request().body().isOpen()).isFalse();
        assertThat(gate.asked()).hasSize(1);
    }

    @Test
    void malformedChunkBehindABegunAnswerBreaksTheConnection() {
        Exchange exchange = ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: chunked\r\n\r\n");
        exchange.reply(200, Fields.NONE, -1, "1.1");
        say("x");
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void answerThatCannotBeFinishedBreaksTheConnection() {
        Exchange exchange = ask(GET);
        exchange.reply(200, Fields.NONE, 10, "1.1");
        body(exchange, "half");
        exchange.request().body().close();
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void answerOfTheWrongLengthBreaksTheConnection() {
        Exchange less = ask(GET);
        less.reply(200, Fields.NONE, 10, "1.1");
        end(less);
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void t41IllegalReplyFieldBecomes500() {
        Exchange exchange = ask(GET);
        exchange.reply(200, Fields.of("x", "a\r\nset-cookie: b"), 0, "1.1");
        assertThat(heard()).startsWith("HTTP/1.1 500 Internal Server Error\r\n").doesNotContain("set-cookie: b\r\n");
    }

    @Test
    void idleClientThatEndsIsToldTheEndToo() {
        answer(ask(GET), "x");
        wire.sendFin();
        assertThat(wire.wasToldTheEnd()).isTrue();
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void clientThatEndsInABodyIsTold() {
        Exchange exchange = ask("POST http://a.b/ HTTP/1.1\r\nHost: a.b\r\nContent-Length: 5\r\n\r\nhe");
        wire.sendFin();
        assertThat(heard()).startsWith("HTTP/1.1 400 ");
        assertThat(exchange.request().body().isOpen()).isFalse();
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void drainingFinishesWhatRunsAndClosesWhatIdles() {
        Exchange exchange = ask(GET);
        wire.pipeline().fireUserEventTriggered(Listener.DRAINING);
        answer(exchange, "last");
        assertThat(heard()).contains("connection: close").endsWith("last");
        assertThat(wire.sawEnd()).isTrue();
        leavesNothing();

        wire = serve(Listening.open());
        answer(ask(GET), "x");
        wire.pipeline().fireUserEventTriggered(Listener.DRAINING);
        assertThat(wire.sawEnd()).isTrue();
    }
}
