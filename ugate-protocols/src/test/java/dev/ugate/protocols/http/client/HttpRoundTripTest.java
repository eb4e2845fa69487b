package dev.ugate.protocols.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Relay;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.Settings;
import dev.ugate.testing.FarSide;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One request and its reply; the test is the upstream and the reader of the reply. */
final class HttpRoundTripTest {
    private static final HostPort TARGET = new HostPort("a.b", 8080);

    private static final Settings SETTINGS = Listening.open().ingress().settings();

    private final Wire upstream = Wire.local(Listening.open());
    private final List<Integer> informed = new ArrayList<>();
    private final ForeignChannel body = new ForeignChannel(upstream, new FarSide());
    private final Promise<Channel> dialled = upstream.eventLoop().newPromise();

    HttpRoundTripTest() {
        upstream.eventLoop().register(body);
        upstream.config().setAutoRead(false);
    }

    @AfterEach
    void leavesNothing() {
        body.close();
        upstream.runPendingTasks();
        upstream.pass(Duration.ofMinutes(2));
        assertThat(upstream.isOpen()).isFalse();
        upstream.heard();
        upstream.checkException();
        assertThat(upstream.tally().live()).isEmpty();
    }

    private Future<Reply> send(String method, long length, String... fields) {
        return send(new Request(method, "http", TARGET, "/x", Fields.of(fields), length, body));
    }

    private Future<Reply> send(Request request) {
        Intent intent = Intent.bytes("http", Peer.of(Wire.HERE, Wire.HERE), TARGET);
        var requests = new Requests((dial, loop) -> dialled, () -> SETTINGS, new RequestCounts());
        Endpoint endpoint = Endpoint.tcp(TARGET, List.of()).withVia(List.of(Carrier.REQUESTS, Carrier.TCP));
        Dial dial = new Dial(
                intent, endpoint, System.nanoTime() + Duration.ofSeconds(10).toNanos());
        var trip = new HttpRoundTrip((asked, loop) -> requests.dial(dial, loop));
        return trip.send(intent, request, (status, more) -> informed.add(status));
    }

    private Future<Reply> get() {
        Future<Reply> reply = send("GET", 0);
        dialled.setSuccess(upstream);
        return reply;
    }

    private void say(String text) {
        upstream.send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String heard() {
        return new String(upstream.heardBytes(), StandardCharsets.ISO_8859_1);
    }

    private Sink read(Future<Reply> reply) {
        Sink sink = new Sink();
        reply.getNow().body().pipeline().addLast(sink);
        reply.getNow().body().config().setAutoRead(true);
        upstream.runPendingTasks();
        return sink;
    }

    private static Refusal reason(Future<Reply> reply) {
        assertThat(reply.cause()).isInstanceOf(Refused.class);
        return ((Refused) reply.cause()).reason();
    }

    @Test
    void sendsOriginFormAndReadsAReply() {
        Future<Reply> reply = send("GET", 0, "accept", "*/*", "te", "trailers");
        assertThat(heard()).isEmpty();
        dialled.setSuccess(upstream);
        assertThat(heard()).isEqualTo("GET /x HTTP/1.1\r\nhost: a.b:8080\r\naccept: */*\r\n\r\n");
        say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x-a\r\nX-A: 1\r\nX-B: 2\r\n\r\nhello");
        assertThat(reply.isSuccess()).isTrue();
        assertThat(reply.getNow().status()).isEqualTo(200);
        assertThat(reply.getNow().length()).isEqualTo(5);
        assertThat(reply.getNow().fields().size()).isEqualTo(1);
        Sink sink = read(reply);
        assertThat(new String(sink.taken())).isEqualTo("hello");
        assertThat(sink.ended()).isTrue();
        assertThat(upstream.isOpen()).isTrue();
    }

    @Test
    void replySplitAtEveryByteIsTheSame() {
        String text =
                "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: 1\r\n\r\n";
        for (int cut = 1; cut < text.length(); cut++) {
            var one = new HttpRoundTripTest();
            Future<Reply> reply = one.get();
            one.say(text.substring(0, cut));
            one.say(text.substring(cut));
            assertThat(one.informed).containsExactly(103);
            assertThat(reply.getNow().length()).isEqualTo(-1);
            assertThat(new String(one.read(reply).taken())).isEqualTo("abc");
            one.leavesNothing();
        }
        get();
    }

    @Test
    void sendsTheBodyAsItComes() {
        send("POST", -1);
        dialled.setSuccess(upstream);
        assertThat(heard()).contains("transfer-encoding: chunked\r\n");
        body.deliver(Unpooled.copiedBuffer("one", StandardCharsets.US_ASCII));
        upstream.runPendingTasks();
        assertThat(heard()).isEqualTo("3\r\none\r\n");
        body.deliver(Fin.with(Fields.of("x-sum", "1", "content-length", "2")));
        upstream.runPendingTasks();
        assertThat(heard()).isEqualTo("0\r\nx-sum: 1\r\n\r\n");
        assertThat(upstream.isOpen()).isTrue();
    }

    @Test
    void announcesThatAPostHasNoBody() {
        send("POST", 0);
        dialled.setSuccess(upstream);
        assertThat(heard()).contains("content-length: 0\r\n");
    }

    @Test
    void stopsReadingTheBodyWhileTheUpstreamDoesNotTakeIt() {
        send("PUT", 200_000);
        dialled.setSuccess(upstream);
        upstream.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        body.deliver(Unpooled.wrappedBuffer(new byte[100_000]));
        upstream.runPendingTasks();
        assertThat(body.config().isAutoRead()).isFalse();
        upstream.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        upstream.runPendingTasks();
        assertThat(body.config().isAutoRead()).isTrue();
        assertThat(upstream.heardBytes().length).isGreaterThan(100_000);
    }

    @Test
    void stopsReadingTheReplyWhileNobodyTakesIt() {
        Future<Reply> reply = get();
        say("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
        assertThat(upstream.config().isAutoRead()).isFalse();
        Sink sink = read(reply);
        assertThat(upstream.config().isAutoRead()).isTrue();
        say("def");
        assertThat(new String(sink.taken())).isEqualTo("abcdef");
    }

    @Test
    void t40SurplusBytesAreThrownAway() {
        Future<Reply> reply = get();
        say("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\n");
        assertThat(new String(read(reply).taken())).isEqualTo("abc");
        assertThat(upstream.isOpen()).isFalse();
    }

    @Test
    void bodyUntilCloseEndsWithTheConnection() {
        Future<Reply> reply = get();
        say("HTTP/1.0 200 OK\r\n\r\nabc");
        Sink sink = read(reply);
        assertThat(sink.ended()).isFalse();
        upstream.sendFin();
        assertThat(sink.ended()).isTrue();
    }

    @Test
    void bodyUntilCloseThatBreaksHasNoEnd() {
        Future<Reply> reply = get();
        say("HTTP/1.0 200 OK\r\n\r\nabc");
        Sink sink = read(reply);
        upstream.close();
        assertThat(sink.ended()).isFalse();
        assertThat(reply.getNow().body().isOpen()).isFalse();
    }

    @Test
    void bodyThatEndsTooEarlyHasNoEnd() {
        Future<Reply> reply = get();
        say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
        Sink sink = read(reply);
        upstream.sendFin();
        assertThat(sink.ended()).isFalse();
        assertThat(reply.getNow().body().isOpen()).isFalse();
    }

    @Test
    void headAndUnchangedTellTheLengthTheyLeaveOut() {
        Future<Reply> reply = send("HEAD", 0);
        dialled.setSuccess(upstream);
        say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        assertThat(reply.getNow().length()).isEqualTo(5);
        assertThat(read(reply).ended()).isTrue();
        var other = new HttpRoundTripTest();
        Future<Reply> unchanged = other.get();
        other.say("HTTP/1.1 304 Not Modified\r\n\r\n");
        assertThat(unchanged.getNow().length()).isEqualTo(-1);
        assertThat(other.read(unchanged).ended()).isTrue();
        other.leavesNothing();
    }

    /** The client ended, heard the end, and its socket was closed by that, while the upstream is slow to read what it said. */
    @Test
    void whatAnUpgradedClientSaidLastGoesOutAfterItIsClosed() {
        Request request =
                new Request("GET", "http", TARGET, "/x", Fields.NONE, -1, Optional.of(WebSocketKey.PROTOCOL), body);
        Future<Reply> reply = send(request);
        dialled.setSuccess(upstream);
        String key = heard().replaceFirst("(?s).*sec-websocket-key: (\\S+).*", "$1");
        say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + new WebSocketKey(key).accept() + "\r\n\r\n");
        List<Boolean> broken = new ArrayList<>();
        Relay.join(body, reply.getNow().body(), Timeouts.STANDARD, (in, out, why) -> broken.add(why.isPresent()))
                .start();
        upstream.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        body.deliver(Unpooled.copiedBuffer("last words", StandardCharsets.US_ASCII));
        body.deliver(Fin.FIN);
        upstream.sendFin();
        body.close();
        upstream.runPendingTasks();
        assertThat(upstream.isOpen()).isTrue();
        upstream.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        upstream.runPendingTasks();
        assertThat(heard()).isEqualTo("last words");
        assertThat(upstream.sawEnd()).isTrue();
        assertThat(broken).containsExactly(false);
    }

    @Test
    void upstreamThatSaysNothingTimesOut() {
        Future<Reply> reply = get();
        upstream.pass(Duration.ofSeconds(61));
        assertThat(reason(reply)).isEqualTo(Refusal.TIMED_OUT);
    }

    @Test
    void aReplyIsLateOnceTheRequestIsOut() {
        Future<Reply> reply = send("POST", 6);
        dialled.setSuccess(upstream);
        body.deliver(Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII));
        upstream.pass(Duration.ofSeconds(90));
        assertThat(reply.isDone()).as("the client has more to send").isFalse();
        body.deliver(Unpooled.copiedBuffer("def", StandardCharsets.US_ASCII));
        body.deliver(Fin.FIN);
        upstream.pass(Duration.ofSeconds(50));
        assertThat(reply.isDone()).isFalse();
        upstream.pass(Duration.ofSeconds(20));
        assertThat(reason(reply)).isEqualTo(Refusal.TIMED_OUT);
    }

    @Test
    void anUpstreamThatTakesNoMoreOfTheRequestIsLateToo() {
        Future<Reply> reply = send("PUT", 200_000);
        dialled.setSuccess(upstream);
        upstream.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        body.deliver(Unpooled.wrappedBuffer(new byte[100_000]));
        upstream.pass(Duration.ofSeconds(50));
        upstream.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        upstream.runPendingTasks();
        upstream.pass(Duration.ofSeconds(50));
        assertThat(reply.isDone()).as("it took some").isFalse();
        upstream.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        body.deliver(Unpooled.wrappedBuffer(new byte[50_000]));
        upstream.pass(Duration.ofSeconds(59));
        assertThat(reply.isDone()).isFalse();
        upstream.pass(Duration.ofSeconds(2));
        assertThat(reason(reply)).isEqualTo(Refusal.TIMED_OUT);
    }

    @Test
    void aClientThatWaitsFor100WaitsNoLongerThanForAReply() {
        Future<Reply> told = send("POST", 6, "expect", "100-continue");
        dialled.setSuccess(upstream);
        say("HTTP/1.1 103 Early Hints\r\n\r\n");
        upstream.pass(Duration.ofSeconds(70));
        assertThat(reason(told)).isEqualTo(Refusal.TIMED_OUT);
    }

    @Test
    void aClientThatHeard100HasTimeToSend() {
        Future<Reply> told = send("POST", 6, "expect", "100-continue");
        dialled.setSuccess(upstream);
        say("HTTP/1.1 100 Continue\r\n\r\n");
        upstream.pass(Duration.ofSeconds(70));
        assertThat(told.isDone()).isFalse();
    }

    @Test
    void replyThatStallsIsBroken() {
        Future<Reply> reply = get();
        say("HTTP/1.1 200 OK\r\n\r\nabc");
        read(reply);
        upstream.pass(Duration.ofMinutes(6));
        assertThat(reply.getNow().body().isOpen()).isFalse();
    }

    @Test
    void upstreamThatLeavesWithoutAReplyIsUnreachable() {
        Future<Reply> reply = get();
        upstream.sendFin();
        assertThat(reason(reply)).isEqualTo(Refusal.UNREACHABLE);
    }

    @Test
    void malformedReplyIsUnreachable() {
        Future<Reply> reply = get();
        say("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n");
        assertThat(reason(reply)).isEqualTo(Refusal.UNREACHABLE);
    }

    @Test
    void failedDialFailsTheReply() {
        Future<Reply> reply = send("GET", 0);
        dialled.setFailure(Refused.because(Refusal.CONNECTION_REFUSED, "test"));
        upstream.runPendingTasks();
        assertThat(reason(reply)).isEqualTo(Refusal.CONNECTION_REFUSED);
        upstream.close();
    }

    @Test
    void cancelBeforeTheDialCancelsItAndCancelAfterwardsCloses() {
        Future<Reply> early = send("GET", 0);
        early.cancel(false);
        upstream.runPendingTasks();
        assertThat(dialled.isCancelled()).isTrue();
        upstream.close();
        var other = new HttpRoundTripTest();
        other.get().cancel(false);
        other.upstream.runPendingTasks();
        assertThat(other.upstream.isOpen()).isFalse();
        other.leavesNothing();
    }

    @Test
    void t41IllegalRequestIsNeverSent() {
        Future<Reply> reply = send("GET", 0, "x", "a\r\nb: c");
        dialled.setSuccess(upstream);
        assertThat(reason(reply)).isEqualTo(Refusal.MALFORMED);
        assertThat(heard()).isEmpty();
    }
}
