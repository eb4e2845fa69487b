package dev.ugate.protocols.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Request;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One client that asks for WebSocket, the gate played by the test. */
final class UpgradingTest {
    private static final String HEAD =
            "GET http://a.b/chat HTTP/1.1\r\nHost: a.b\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

    private final FakeGate gate = new FakeGate();
    private final Wire wire = Wire.local(Listening.open());

    UpgradingTest() {
        wire.pipeline().addLast(new ServerConnection(wire, gate, new Intake("me")));
    }

    @AfterEach
    void leavesNothing() {
        wire.close();
        wire.heard();
        wire.checkException();
        assertThat(wire.tally().live()).isEmpty();
    }

    private void say(String text) {
        wire.send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String heard() {
        return new String(wire.heardBytes(), StandardCharsets.ISO_8859_1);
    }

    private Exchange ask(String text) {
        say(text);
        assertThat(gate.asked()).hasSize(1);
        return gate.exchange();
    }

    private static String text(Sink sink) {
        return new String(sink.taken(), StandardCharsets.ISO_8859_1);
    }

    private static Sink read(Exchange exchange) {
        Sink sink = new Sink();
        exchange.request().body().pipeline().addLast(sink);
        exchange.request().body().config().setAutoRead(true);
        return sink;
    }

    private void assertRefused(String head, String answer) {
        say(head);
        assertThat(gate.asked()).isEmpty();
        assertThat(heard()).startsWith(answer);
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void asksForTheProtocolWithoutTheFieldsOfTheHop() {
        Request request = ask(HEAD).request();
        assertThat(request.upgrade()).contains("websocket");
        assertThat(request.length()).isEqualTo(-1);
        assertThat(request.fields().has("upgrade")).isFalse();
        assertThat(request.fields().has("connection")).isFalse();
        assertThat(request.fields().has("sec-websocket-key")).isFalse();
        assertThat(request.fields().first("sec-websocket-version")).contains("13");
        assertThat(request.fields().first("sec-websocket-protocol")).contains("mqtt");
    }

    @Test
    void switchesWithTheAnswerToTheKey() {
        Exchange exchange = ask(HEAD);
        exchange.reply(200, Fields.of("sec-websocket-protocol", "mqtt", "sec-websocket-accept", "no"), -1, "1.1");
        assertThat(heard())
                .isEqualTo(
                        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
                                + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: mqtt\r\nvia: 1.1 me\r\n\r\n");
        Sink sink = read(exchange);
        say("raw");
        assertThat(text(sink)).isEqualTo("raw");
        exchange.request().body().writeAndFlush(Unpooled.copiedBuffer("back", StandardCharsets.US_ASCII));
        assertThat(heard()).isEqualTo("back");
    }

    @Test
    void holdsWhatComesWithTheHeadUntilItSwitched() {
        Exchange exchange = ask(HEAD + "GET /smuggled HTTP/1.1\r\n\r\n");
        assertThat(wire.config().isAutoRead()).isFalse();
        wire.sendFin();
        assertThat(heard()).isEmpty();
        exchange.reply(200, Fields.NONE, -1, "1.1");
        Sink sink = read(exchange);
        wire.runPendingTasks();
        assertThat(text(sink)).isEqualTo("GET /smuggled HTTP/1.1\r\n\r\n");
        assertThat(sink.ended()).isTrue();
        assertThat(gate.asked()).hasSize(1);
    }

    @Test
    void anyOtherAnswerIsTheLastAndWhatWasHeldIsNeverARequest() {
        Exchange exchange = ask(HEAD + "GET http://a.b/smuggled HTTP/1.1\r\nHost: a.b\r\n\r\n");
        exchange.reply(404, Fields.of("date", "then"), -1, "1.1");
        exchange.request().body().writeAndFlush(Unpooled.copiedBuffer("gone", StandardCharsets.US_ASCII));
        exchange.request().body().writeAndFlush(Fin.FIN);
        assertThat(heard())
                .isEqualTo(
                        "HTTP/1.1 404 Not Found\r\ndate: then\r\nvia: 1.1 me\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
                                + "4\r\ngone\r\n0\r\n\r\n");
        assertThat(wire.sawEnd()).isTrue();
        say(HEAD);
        assertThat(gate.asked()).hasSize(1);
    }

    @Test
    void saysWhyItWasRefused() {
        ask(HEAD + "early").refused(Refused.because(Refusal.DENIED, "policy: no"));
        assertThat(heard()).startsWith("HTTP/1.1 403 Forbidden\r\n").contains("connection: close\r\n");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void refusesAHandshakeThatIsNone() {
        assertRefused(HEAD.replace("Version: 13", "Version: 8"), "HTTP/1.1 426 Upgrade Required\r\n");
    }

    @Test
    void tellsWhichVersionItSpeaks() {
        say(HEAD.replace("Version: 13", "Version: 8"));
        assertThat(heard())
                .contains("upgrade: websocket\r\n", "sec-websocket-version: 13\r\n", "connection: close, upgrade\r\n");
    }

    @Test
    void refusesAKeyOfTheWrongLength() {
        assertRefused(HEAD.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhl"), "HTTP/1.1 400 Bad Request\r\n");
    }

    @Test
    void refusesOtherMethodsAndContent() {
        assertRefused(HEAD.replace("GET", "POST"), "HTTP/1.1 400 Bad Request\r\n");
    }

    @Test
    void refusesContent() {
        assertRefused(
                HEAD.replace("Host: a.b\r\n", "Host: a.b\r\nContent-Length: 3\r\n"), "HTTP/1.1 400 Bad Request\r\n");
    }

    @Test
    void ignoresAnUpgradeThatConnectionDoesNotName() {
        Exchange exchange = ask(HEAD.replace("keep-alive, Upgrade", "keep-alive"));
        assertThat(exchange.request().upgrade()).isEmpty();
        assertThat(exchange.request().fields().has("upgrade")).isFalse();
        exchange.refused(Refused.malformed("enough"));
    }

    @Test
    void ignoresEveryOtherProtocol() {
        Exchange exchange = ask(HEAD.replace("WebSocket\r\n", "h2c, TLS/1.0\r\n"));
        assertThat(exchange.request().upgrade()).isEmpty();
        assertThat(exchange.request().fields().has("upgrade")).isFalse();
        exchange.refused(Refused.malformed("enough"));
    }

    @Test
    void ignoresUpgradesInHttp10() {
        Exchange exchange = ask(HEAD.replace("HTTP/1.1", "HTTP/1.0"));
        assertThat(exchange.request().upgrade()).isEmpty();
        exchange.refused(Refused.malformed("enough"));
    }
}
