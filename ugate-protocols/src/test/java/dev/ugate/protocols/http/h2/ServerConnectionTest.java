package dev.ugate.protocols.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One client connection, the gate played by the test. */
final class ServerConnectionTest {
    private final FakeGate gate = new FakeGate();
    private final Notes notes = new Notes();
    private final Frames frames = new Frames();
    private final Wire wire = Wire.local(Listening.open().journal(notes));

    @BeforeEach
    void begin() {
        ServerConnection.serve(wire, gate, new Intake("me"));
        wire.send(Frames.PREFACE).send(Frames.settings()).send(Frames.settingsAck());
        assertThat(heard()).containsExactly("SETTINGS", "WINDOW 983041", "SETTINGS ack");
    }

    @AfterEach
    void leavesNothing() {
        wire.close();
        wire.heard();
        wire.checkException();
        assertThat(wire.tally().live()).isEmpty();
    }

    private List<String> heard() {
        return frames.read(wire.heardBytes());
    }

    private Exchange ask(byte[]... parts) {
        int before = gate.asked().size();
        wire.send(Frames.join(parts));
        assertThat(gate.asked()).hasSize(before + 1);
        return gate.exchange();
    }

    private static void write(Exchange exchange, String text) {
        exchange.request().body().writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private static void end(Exchange exchange) {
        exchange.request().body().writeAndFlush(Fin.FIN);
    }

    private static void answer(Exchange exchange, String text) {
        exchange.reply(200, Fields.NONE, text.length());
        write(exchange, text);
        end(exchange);
    }

    private static Sink read(Exchange exchange) {
        Sink sink = new Sink();
        exchange.request().body().pipeline().addLast(sink);
        exchange.request().body().config().setAutoRead(true);
        return sink;
    }

    private static String text(Sink sink) {
        return new String(sink.taken(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void answersManyRequestsInAnyOrder() {
        Exchange one = ask(frames.get(1, "/1"));
        Exchange three = ask(frames.get(3, "/3"));
        assertThat(three.request().path()).isEqualTo("/3");
        answer(three, "third");
        answer(one, "first");
        assertThat(heard())
                .containsExactly(
                        "HEADERS 3 :status=200 content-length=5",
                        "DATA 3 end third",
                        "HEADERS 1 :status=200 content-length=5",
                        "DATA 1 end first");
    }

    /** L33 as over HTTP/1.1: 8 KiB with method, version and the spaces between. */
    @Test
    void requestLineIsBoundedAsInHttp1() {
        int rest = "GET / HTTP/1.1".length();
        String longest = "/" + "a".repeat(8 * 1024 - rest);
        assertThat(ask(frames.get(1, longest)).request().path()).isEqualTo(longest);
        wire.send(frames.get(3, longest + "a"));
        List<String> heard = heard();
        assertThat(heard)
                .first()
                .asString()
                .startsWith("HEADERS 3 :status=414 proxy-status=ugate; error=http_request_error")
                .contains("limit requestLine: 8193 octets: expected at most 8192");
        assertThat(gate.asked()).hasSize(1);
        assertThat(notes.told()).containsExactly((long) (heard.get(1) + "\n").length() - "DATA 3 end ".length());
        assertThat(notes.statuses()).containsExactly(414);
    }

    @Test
    void endsAnswerWithItsLastFrame() {
        Exchange exchange = ask(frames.get(1, "/"));
        exchange.reply(204, Fields.NONE, -1);
        end(exchange);
        assertThat(heard()).containsExactly("HEADERS 1 end :status=204");
        Exchange empty = ask(frames.get(3, "/"));
        empty.reply(200, Fields.NONE, 0);
        end(empty);
        assertThat(heard()).containsExactly("HEADERS 3 end :status=200 content-length=0");
        Exchange later = ask(frames.get(5, "/"));
        later.reply(200, Fields.NONE, -1);
        write(later, "a");
        assertThat(heard()).containsExactly("HEADERS 5 :status=200", "DATA 5 a");
        end(later);
        assertThat(heard()).containsExactly("DATA 5 end");
    }

    @Test
    void leavesOutTheBodyOfAnAnswerToHead() {
        Exchange exchange = ask(frames.request(1, true, "HEAD", "/"));
        exchange.reply(200, Fields.NONE, 7);
        write(exchange, "dropped");
        end(exchange);
        assertThat(heard()).containsExactly("HEADERS 1 end :status=200 content-length=7");
    }

    @Test
    void passesInformationalHeadsAndTrailersBothWays() {
        Exchange exchange = ask(frames.request(1, false, "POST", "/", "te", "trailers"), Frames.data(1, false, "body"));
        Sink sink = read(exchange);
        wire.send(frames.headers(1, true, "x-sum", "4"));
        assertThat(text(sink)).isEqualTo("body");
        assertThat(sink.ended()).isTrue();
        exchange.inform(103, Fields.of("link", "</a>"));
        exchange.reply(200, Fields.NONE, -1);
        write(exchange, "x");
        exchange.request().body().writeAndFlush(Fin.with(Fields.of("grpc-status", "0", "connection", "close")));
        assertThat(heard())
                .containsExactly(
                        "HEADERS 1 :status=103 link=</a>",
                        "HEADERS 1 :status=200",
                        "DATA 1 x",
                        "HEADERS 1 end grpc-status=0");
    }

    @Test
    void aStrangerHearsOfNoRouteOrAddress() {
        Wire afar = Wire.remote(Listening.open());
        FakeGate theirs = new FakeGate();
        Frames reader = new Frames();
        ServerConnection.serve(afar, theirs, new Intake("me"));
        afar.send(Frames.PREFACE).send(Frames.settings()).send(Frames.settingsAck());
        reader.read(afar.heardBytes());
        Refused why = Refused.because(Refusal.DENIED, "policy: rule inside denies 10.0.0.7");
        afar.send(reader.get(1, "/", "x-request-id", "4f1d"));
        theirs.exchange().refused(why);
        afar.send(reader.headers(3, false, ":method", "CONNECT", ":authority", "a.b:80"));
        theirs.stream().refused(why);
        afar.send(reader.request(5, true, "POST", "/", "content-type", "application/grpc", "x-request-id", "4f1e"));
        theirs.exchange().refused(why);
        assertThat(reader.read(afar.heardBytes()))
                .anyMatch(line -> line.contains(" grpc-message=http_request_denied, request 4f1e "))
                .contains(
                        "DATA 1 end 403 Forbidden: http_request_denied, request 4f1d",
                        "DATA 3 end 403 Forbidden: http_request_denied")
                .noneMatch(line -> line.contains("10.0.0.7") || line.contains("inside"));
        afar.close();
        afar.heard();
    }

    @Test
    void aStrangerHearsNotWhyPasswordsCannotBeChecked() {
        Refused why = Refused.because(Refusal.OVERLOADED, "password: too many wait to be checked");
        Wire afar = Wire.remote(Listening.open().journal(notes).failing(why));
        Frames reader = new Frames();
        ServerConnection.serve(afar, gate, new Intake("me"));
        afar.send(Frames.PREFACE).send(Frames.settings()).send(Frames.settingsAck());
        reader.read(afar.heardBytes());
        afar.send(reader.get(1, "/", "authorization", "Basic YTpi"));
        assertThat(reader.read(afar.heardBytes()))
                .contains("DATA 1 end 503 Service Unavailable: connection_limit_reached")
                .noneMatch(line -> line.contains("password"));
        assertThat(notes.failed()).extracting(Refused::text).containsExactly("http: " + why.text());
        afar.close();
        afar.heard();
    }

    @Test
    void joinsCookieCrumbs() {
        Exchange exchange = ask(frames.get(1, "/", "cookie", "a=1", "cookie", "b=2"));
        assertThat(exchange.request().fields().all("cookie")).containsExactly("a=1; b=2");
    }

    @Test
    void refusesOnTheStreamAndGoesOnForOthers() {
        ask(frames.get(1, "/"));
        long bytes = gate.exchange().refused(Refused.because(Refusal.NO_ROUTE, "nowhere"));
        assertThat(bytes).isEqualTo("404 Not Found: nowhere\n".length());
        assertThat(heard()).first().asString().startsWith("HEADERS 1 :status=404 proxy-status=ugate");
        answer(ask(frames.get(3, "/")), "ok");
        assertThat(heard()).contains("DATA 3 end ok");
    }

    @Test
    void aRefusalTakesOtherFieldsAlong() {
        ask(frames.get(1, "/"));
        gate.exchange().refused(Refused.because(Refusal.NO_ROUTE, "nowhere"), Fields.of("vary", "origin"));
        assertThat(heard()).first().asString().startsWith("HEADERS 1 :status=404 vary=origin proxy-status=ugate");
    }

    @Test
    void tellsTheRefusalOfACallByAHeadAlone() {
        Exchange exchange = ask(frames.request(1, false, "POST", "/s/m", "content-type", "application/grpc"));
        assertThat(exchange.refused(Refused.because(Refusal.NO_ROUTE, "nowhere")))
                .isZero();
        assertThat(heard())
                .containsExactly("HEADERS 1 end :status=200 content-type=application/grpc grpc-status=12"
                        + " grpc-message=nowhere"
                        + " proxy-status=ugate; error=destination_not_found; details=\"nowhere\"");
        wire.send(Frames.data(1, true, "late"));
        answer(ask(frames.get(3, "/")), "ok");
        assertThat(heard()).contains("DATA 3 end ok");
    }

    @Test
    void tellsACallThatIsRejectedByAHeadAlone() {
        wire.send(frames.request(
                1,
                false,
                "POST",
                "/s/m",
                "content-type",
                "application/grpc+proto",
                "max-forwards",
                "1",
                "max-forwards",
                "2"));
        assertThat(heard())
                .singleElement()
                .asString()
                .startsWith(
                        "HEADERS 1 end :status=200 content-type=application/grpc grpc-status=13 grpc-message=field max-forwards");
    }

    /** 200 would mean that what was asked for begins. */
    @Test
    void aTunnelIsNoCallWhateverItsMediaType() {
        wire.send(frames.headers(
                1, false, ":method", "CONNECT", ":authority", "c.d:443", "content-type", "application/grpc"));
        gate.stream().refused(Refused.because(Refusal.DENIED, "no"));
        assertThat(heard()).first().asString().startsWith("HEADERS 1 :status=403 ");
        Exchange upgrade = ask(frames.request(
                3, false, "CONNECT", "/chat", ":protocol", "websocket", "content-type", "application/grpc"));
        upgrade.refused(Refused.because(Refusal.DENIED, "no"));
        assertThat(heard()).first().asString().startsWith("HEADERS 3 :status=403 ");
    }

    @Test
    void aHeadThatIsRejectedGetsNoBody() {
        wire.send(frames.request(1, true, "HEAD", "/", "max-forwards", "1", "max-forwards", "2"));
        assertThat(heard()).singleElement().asString().startsWith("HEADERS 1 end :status=400 ");
        wire.send(frames.request(3, true, "HEAD", "/" + "a".repeat(9000)));
        assertThat(heard()).singleElement().asString().startsWith("HEADERS 3 end :status=414 ");
        wire.send(frames.request(5, false, "HEAD", "/", "max-forwards", "1", "max-forwards", "2"));
        assertThat(heard()).singleElement().asString().startsWith("HEADERS 5 end :status=400 ");
        Exchange late = ask(frames.request(7, false, "HEAD", "/"));
        read(late);
        wire.pass(Duration.ofSeconds(61));
        assertThat(heard())
                .anyMatch(line -> line.startsWith("HEADERS 7 end :status=408 "))
                .noneMatch(line -> line.startsWith("DATA"));
        assertThat(notes.told()).containsOnly(0L);
    }

    @Test
    void discardsTheRestOfAnAnsweredRequest() {
        Exchange exchange = ask(frames.request(1, false, "POST", "/"));
        answer(exchange, "early");
        assertThat(heard()).contains("DATA 1 end early");
        wire.send(Frames.data(1, false, "ignored"));
        assertThat(heard()).isEmpty();
        wire.pass(Duration.ofMillis(100));
        assertThat(heard()).containsExactly("RST 1 0");
        wire.send(Frames.data(1, true, "late"));
        assertThat(wire.isOpen()).isTrue();
    }

    @Test
    void keepsWhatAnUpgradedClientSaidForASlowReader() {
        Exchange exchange = ask(
                frames.request(1, false, "CONNECT", "/chat", ":protocol", "websocket"),
                Frames.data(1, false, "last"),
                Frames.data(1, true, " words"));
        exchange.reply(200, Fields.NONE, -1);
        end(exchange);
        assertThat(heard()).endsWith("HEADERS 1 end :status=200");
        Sink sink = read(exchange);
        wire.runPendingTasks();
        assertThat(text(sink)).isEqualTo("last words");
        assertThat(sink.ended()).isTrue();
        exchange.request().body().close();
    }

    private Exchange post(String... fields) {
        Exchange exchange = ask(frames.request(1, false, "POST", "/", fields));
        read(exchange);
        return exchange;
    }

    @Test
    void t46GivesUpABodyThatStalls() {
        Exchange exchange = post();
        wire.pass(Duration.ofSeconds(9));
        assertThat(heard()).isEmpty();
        wire.pass(Duration.ofSeconds(9));
        List<String> heard = heard();
        assertThat(heard).first().asString().startsWith("HEADERS 1 :status=408 ");
        Exchange.GivenUp givenUp =
                exchange.request().body().attr(Exchange.GIVEN_UP).get();
        assertThat(givenUp.status()).isEqualTo(408);
        assertThat(heard.get(1).replaceFirst("DATA 1 (end )?", "") + "\n").hasSize((int) givenUp.bytes());
    }

    @Test
    void t46GivesUpABodyThatDribbles() {
        Exchange exchange = post();
        List<String> heard = List.of();
        for (int half = 0; half < 60 && heard.isEmpty(); half++) {
            wire.send(Frames.data(1, false, "a".repeat(25)));
            wire.pass(Duration.ofMillis(500));
            heard = heard();
        }
        assertThat(heard).first().asString().contains(":status=408").contains("limit minBodyRate: ");
        assertThat(exchange.request().body().attr(Exchange.GIVEN_UP).get().status())
                .isEqualTo(408);
    }

    @Test
    void aCallThatStallsIsGivenUpWithoutABody() {
        Exchange exchange = post("content-type", "application/grpc");
        wire.pass(Duration.ofSeconds(61));
        assertThat(heard())
                .first()
                .asString()
                .startsWith(
                        "HEADERS 1 end :status=200 content-type=application/grpc grpc-status=4 grpc-message=limit bodyIdle");
        Exchange.GivenUp givenUp =
                exchange.request().body().attr(Exchange.GIVEN_UP).get();
        assertThat(givenUp.status()).isEqualTo(408);
        assertThat(givenUp.bytes()).isZero();
    }

    @Test
    void bodyThatWaitsForItsContinueIsNotLate() {
        Exchange exchange = post("expect", "100-continue");
        wire.pass(Duration.ofSeconds(40));
        exchange.inform(100, Fields.NONE);
        wire.pass(Duration.ofSeconds(9));
        assertThat(heard()).containsExactly("HEADERS 1 :status=100");
        wire.send(Frames.data(1, true, "12345"));
        answer(exchange, "x");
    }

    @Test
    void callsHaveAPaceOfTheirOwn() {
        Exchange exchange = post("content-type", "application/grpc+proto");
        for (int i = 0; i < 3; i++) {
            wire.pass(Duration.ofSeconds(50));
            wire.send(Frames.data(1, false, "a"));
        }
        wire.send(Frames.data(1, true, "last"));
        answer(exchange, "x");
        assertThat(heard()).contains("DATA 1 end x");
    }

    /** Watches: found with grpc-go, whose calls ended as cancelled after a minute without news. */
    @Test
    void callsThatWereAnsweredMayBeSilent() {
        Exchange exchange = post("content-type", "application/grpc");
        exchange.reply(200, Fields.NONE, -1);
        heard();
        wire.pass(Timeouts.STANDARD.exchange().bodyIdle().multipliedBy(2));
        write(exchange, "news");
        assertThat(heard()).containsExactly("DATA 1 news");
        wire.send(Frames.data(1, true, "bye"));
    }

    @Test
    void clientResetClosesTheBody() {
        Exchange exchange = ask(frames.request(1, false, "POST", "/"));
        wire.send(Frames.reset(1, 8));
        assertThat(exchange.request().body().isOpen()).isFalse();
        answer(exchange, "too late");
        assertThat(heard()).isEmpty();
    }

    @Test
    void abandonedAnswerIsReset() {
        Exchange exchange = ask(frames.get(1, "/"));
        exchange.reply(200, Fields.NONE, 10);
        write(exchange, "half");
        exchange.request().body().close();
        assertThat(heard()).containsExactly("HEADERS 1 :status=200 content-length=10", "DATA 1 half", "RST 1 2");
    }

    @Test
    void answerOfTheWrongLengthIsReset() {
        Exchange exchange = ask(frames.get(1, "/"));
        exchange.reply(200, Fields.NONE, 2);
        write(exchange, "three");
        assertThat(heard()).endsWith("RST 1 2");
    }

    @Test
    void carriesTunnelsWithHalfClose() {
        wire.send(Frames.join(
                frames.headers(1, false, ":method", "CONNECT", ":authority", "c.d:443"),
                Frames.data(1, false, "early")));
        assertThat(gate.stream().intent().protocol()).isEqualTo("connect");
        assertThat(gate.stream().intent().target()).hasToString("c.d:443");
        Sink sink = gate.accept();
        assertThat(heard()).containsExactly("HEADERS 1 :status=200");
        wire.send(Frames.data(1, true, " bytes"));
        assertThat(text(sink)).isEqualTo("early bytes");
        assertThat(sink.ended()).isTrue();
        gate.stream().channel().writeAndFlush(Unpooled.copiedBuffer("back", StandardCharsets.US_ASCII));
        gate.stream().channel().writeAndFlush(Fin.FIN);
        assertThat(heard()).containsExactly("DATA 1 end back");
    }

    @Test
    void refusedTunnelIsAnswered() {
        wire.send(frames.headers(1, false, ":method", "CONNECT", ":authority", "c.d:443"));
        gate.refuse(Refusal.NO_ROUTE);
        assertThat(heard()).first().asString().startsWith("HEADERS 1 :status=403");
    }

    @Test
    void brokenTunnelIsAConnectError() {
        wire.send(frames.headers(1, false, ":method", "CONNECT", ":authority", "c.d:443"));
        gate.accept();
        gate.stream().channel().close();
        assertThat(heard()).containsExactly("HEADERS 1 :status=200", "RST 1 10");
    }

    @Test
    void extendedConnectIsAnUpgrade() {
        Exchange exchange = ask(frames.request(1, false, "CONNECT", "/chat", ":protocol", "websocket"));
        assertThat(exchange.request().method()).isEqualTo("GET");
        assertThat(exchange.request().upgrade()).isEqualTo(Optional.of("websocket"));
        Sink sink = read(exchange);
        exchange.reply(200, Fields.NONE, -1);
        write(exchange, "pong");
        end(exchange);
        wire.send(Frames.data(1, true, "ping"));
        assertThat(heard()).containsExactly("HEADERS 1 :status=200", "DATA 1 end pong");
        assertThat(text(sink)).isEqualTo("ping");
        wire.send(frames.request(3, false, "CONNECT", "/", ":protocol", "connect-udp"));
        assertThat(heard()).first().asString().startsWith("HEADERS 3 :status=501");
    }

    @Test
    void keepsToTheWindowsOfThePeer() {
        wire.send(Frames.settings(4, 3));
        Exchange exchange = ask(frames.get(1, "/"));
        answer(exchange, "0123456789");
        assertThat(heard()).containsExactly("SETTINGS ack", "HEADERS 1 :status=200 content-length=10", "DATA 1 012");
        wire.send(Frames.windowUpdate(1, 2));
        assertThat(heard()).containsExactly("DATA 1 34");
        wire.send(Frames.settings(4, 1));
        wire.send(Frames.windowUpdate(1, 3));
        assertThat(heard()).containsExactly("SETTINGS ack", "DATA 1 5");
        wire.send(Frames.settings(4, 100));
        assertThat(heard()).containsExactly("SETTINGS ack", "DATA 1 end 6789");
    }

    @Test
    void answerForWhichAGonePeerCanMakeNoRoomEnds() {
        wire.send(Frames.settings(4, 3));
        Exchange exchange = ask(frames.get(1, "/"));
        answer(exchange, "0123456789");
        assertThat(heard()).contains("DATA 1 012");
        wire.sendFin();
        wire.runPendingTasks();
        assertThat(exchange.request().body().isOpen()).isFalse();
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void peerThatEndedStillHearsTheAnswerItHasRoomFor() {
        Exchange exchange = ask(frames.get(1, "/"));
        wire.sendFin();
        answer(exchange, "0123456789");
        wire.runPendingTasks();
        assertThat(heard()).contains("DATA 1 end 0123456789");
        assertThat(wire.wasToldTheEnd()).isTrue();
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void streamsTakeTurnsAtTheWindowOfTheConnection() {
        wire.send(Frames.settings(4, 1 << 20));
        List<Exchange> all = new ArrayList<>();
        for (int id = 1; id <= 7; id += 2) {
            Exchange exchange = ask(frames.get(id, "/"));
            exchange.reply(200, Fields.NONE, -1);
            exchange.request().body().writeAndFlush(Unpooled.wrappedBuffer(new byte[200_000]));
            all.add(exchange);
        }
        heard();
        wire.send(Frames.windowUpdate(0, 4 * 64 * 1024));
        List<String> lines = heard();
        for (int id = 1; id <= 7; id += 2) {
            String data = "DATA " + id;
            assertThat(lines).anyMatch(line -> line.startsWith(data));
        }
        all.forEach(exchange -> exchange.request().body().close());
    }

    @Test
    void givesWindowsBackWhenTheReaderTookTheBytes() {
        Exchange exchange = ask(frames.request(1, false, "POST", "/"));
        for (int i = 0; i < 4; i++) {
            wire.send(Frames.data(1, false, "x".repeat(16_000)));
        }
        assertThat(heard()).isEmpty();
        read(exchange);
        // Half of the window was taken, so it comes back, twice as large.
        assertThat(heard()).containsExactly("WINDOW 1 " + (64_000 + 65_535));
    }

    @Test
    void drainsWithTwoFarewells() {
        Exchange exchange = ask(frames.get(1, "/"));
        wire.pipeline().fireUserEventTriggered(Listener.DRAINING);
        assertThat(heard()).containsExactly("GOAWAY 2147483647 0", "PING");
        wire.pass(Duration.ofSeconds(1));
        assertThat(heard()).containsExactly("GOAWAY 1 0");
        wire.send(frames.get(3, "/"));
        assertThat(heard()).containsExactly("RST 3 7");
        answer(exchange, "last");
        assertThat(heard()).endsWith("DATA 1 end last");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void idleConnectionEndsWithAFarewell() {
        answer(ask(frames.get(1, "/")), "x");
        heard();
        wire.pass(Duration.ofMinutes(4));
        assertThat(wire.sawEnd()).isFalse();
        wire.pass(Duration.ofMinutes(2));
        assertThat(heard()).containsExactly("GOAWAY 1 0");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void answersPings() {
        wire.send(Frames.ping(false));
        assertThat(heard()).containsExactly("PING ack");
    }

    @Test
    void splitAtEveryByteComesToTheSame() {
        byte[] all = Frames.join(
                frames.request(1, false, "POST", "/x", "content-length", "5"),
                Frames.frame(0, 9, 1, new byte[] {2, 'h', 'e', 'l', 'l', 'o', 0, 0}));
        for (byte octet : all) {
            wire.send(new byte[] {octet});
        }
        Sink sink = read(gate.exchange());
        heard();
        assertThat(text(sink)).isEqualTo("hello");
        assertThat(sink.ended()).isTrue();
    }
}
