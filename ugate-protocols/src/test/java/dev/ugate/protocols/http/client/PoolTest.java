package dev.ugate.protocols.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Bytes;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.net.Listener;
import dev.ugate.net.tls.TlsTransport;
import dev.ugate.protocols.http.client.Pooled.Asked;
import dev.ugate.protocols.http.h2.Frames;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a connection takes another request, when it must not, and who waits for one. */
final class PoolTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final Pooled pool = new Pooled();

    @AfterEach
    void leavesNothing() {
        pool.close();
    }

    private Wire answered(String reply) {
        Asked asked = pool.get();
        Wire upstream = pool.connected(pool.dials.size() - 1);
        Pooled.say(upstream, reply);
        assertThat(asked.text()).startsWith("ok");
        return upstream;
    }

    private static Refusal reason(Asked asked) {
        assertThat(asked.reply.cause()).isInstanceOf(Refused.class);
        return ((Refused) asked.reply.cause()).reason();
    }

    @Test
    void aWholeExchangeLeavesTheConnectionToTheNext() {
        Wire upstream = answered(OK);
        Pooled.heard(upstream);
        for (int i = 0; i < 3; i++) {
            Asked next = pool.get();
            assertThat(Pooled.heard(upstream)).startsWith("GET /x HTTP/1.1\r\n");
            Pooled.say(upstream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
            assertThat(next.text()).isEqualTo("ok.");
        }
        assertThat(pool.dials).hasSize(1);
    }

    @Test
    void aBusyConnectionTakesNoSecondRequest() {
        Asked first = pool.get();
        Wire upstream = pool.connected(0);
        pool.get();
        assertThat(pool.dials).hasSize(2);
        Pooled.say(upstream, OK.substring(0, 30));
        pool.get();
        assertThat(pool.dials).hasSize(3);
        Pooled.say(upstream, OK.substring(30));
        assertThat(first.text()).isEqualTo("ok.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
                "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok!",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            })
    void t40AReplyThatEndsTheConnectionOrIsFollowedByMoreLeavesNone(String reply) {
        Wire upstream = answered(reply);
        assertThat(upstream.isOpen()).isFalse();
        pool.get();
        assertThat(pool.dials).hasSize(2);
    }

    @Test
    void anIdleConnectionThatSpeaksOrEndsIsThrownAway() {
        Wire talks = answered(OK);
        Pooled.say(talks, "HTTP/1.1 200 OK\r\n\r\n");
        assertThat(talks.isOpen()).isFalse();
        assertThat(talks.wasToldTheEnd()).isFalse();
        Wire ends = answered(OK);
        ends.sendFin();
        assertThat(ends.wasToldTheEnd()).isTrue();
        assertThat(ends.isOpen()).isFalse();
        pool.get();
        assertThat(pool.dials).hasSize(3);
    }

    @Test
    void t39AnAnswerBeforeTheRequestIsOutLeavesNoConnection() {
        Asked upload = pool.ask(Pooled.peer(), Pooled.endpoint(Carrier.TCP), "POST", 10);
        Wire upstream = pool.connectedHere(0);
        upload.body.deliver(Unpooled.copiedBuffer("half.", StandardCharsets.US_ASCII));
        Pooled.say(upstream, OK);
        assertThat(upload.text()).isEqualTo("ok.");
        assertThat(upstream.wasToldTheEnd()).as("of half of a request").isFalse();
        assertThat(upstream.isOpen()).isFalse();
        upload.body.deliver(Unpooled.copiedBuffer("whole", StandardCharsets.US_ASCII));
        upload.body.deliver(Fin.FIN);
        pool.run();
        assertThat(Pooled.heard(upstream)).doesNotContain("whole");
    }

    @Test
    void anUploadThatIsOutLeavesTheConnection() {
        Asked upload = pool.ask(Pooled.peer(), Pooled.endpoint(Carrier.TCP), "POST", 5);
        Wire upstream = pool.connectedHere(0);
        upload.body.deliver(Unpooled.copiedBuffer("whole", StandardCharsets.US_ASCII));
        upload.body.deliver(Fin.FIN);
        pool.run();
        assertThat(Pooled.heard(upstream)).endsWith("\r\n\r\nwhole");
        Pooled.say(upstream, "HTTP/1.1 100 Continue\r\n\r\n" + OK);
        assertThat(upload.text()).isEqualTo("ok.");
        pool.get();
        assertThat(pool.dials).hasSize(1);
    }

    @Test
    void aClientThatLeavesTakesItsConnectionAlong() {
        Asked gone = pool.get();
        Wire upstream = pool.connected(0);
        gone.body.close();
        pool.run();
        assertThat(upstream.isOpen()).isFalse();
    }

    @Test
    void idleConnectionsEndAfterTheirTime() {
        Wire old = answered(OK);
        pool.pass(Duration.ofSeconds(40));
        assertThat(old.isOpen()).isTrue();
        pool.pass(Duration.ofSeconds(30));
        assertThat(old.wasToldTheEnd()).isTrue();
        assertThat(old.isOpen()).isFalse();
    }

    @Test
    void anIdleConnectionThatDrainsEndsAtOnce() {
        Wire upstream = answered(OK);
        upstream.pipeline().fireUserEventTriggered(Listener.DRAINING);
        assertThat(upstream.isOpen()).isFalse();
        pool.get();
        assertThat(pool.dials).hasSize(2);
    }

    @Test
    void aBusyConnectionThatDrainsEndsBehindItsReply() {
        Asked asked = pool.get();
        Wire upstream = pool.connected(0);
        Pooled.say(upstream, OK.substring(0, 30));
        upstream.pipeline().fireUserEventTriggered(Listener.DRAINING);
        assertThat(upstream.isOpen()).isTrue();
        Pooled.say(upstream, OK.substring(30));
        assertThat(asked.text()).isEqualTo("ok.");
        assertThat(upstream.wasToldTheEnd()).isTrue();
        assertThat(upstream.isOpen()).isFalse();
    }

    @Test
    void theConnectionUsedLastIsUsedNextSoThatOthersEnd() {
        Asked one = pool.get();
        Asked two = pool.get();
        Wire first = pool.connected(0);
        Wire second = pool.connected(1);
        Pooled.say(second, OK);
        Pooled.say(first, OK);
        assertThat(one.text() + two.text()).isEqualTo("ok.ok.");
        Pooled.heard(first);
        pool.get();
        assertThat(Pooled.heard(first)).startsWith("GET");
    }

    @Test
    void t65NobodyUsesTheConnectionOfAnotherIdentity() {
        answered(OK);
        pool.ask(Pooled.peer("alice"), Pooled.endpoint(Carrier.TCP), "GET", 0);
        assertThat(pool.dials).hasSize(2);
        pool.ask(Pooled.peer(), Pooled.endpoint(new Carrier("tls", Map.of("serverName", "x")), Carrier.TCP), "GET", 0);
        assertThat(pool.dials).hasSize(3);
    }

    @Test
    void t65TheVeryEndpointOfAnotherIdentityDoesNotLeadToItsConnection() {
        Endpoint shared = Pooled.endpoint(Carrier.TCP);
        Wire ofAlice = answered("alice", shared);
        Wire ofBob = answered("bob", shared);
        Asked third = pool.ask(Pooled.peer("alice"), shared, "GET", 0);
        assertThat(pool.dials).hasSize(2);
        assertThat(Pooled.heard(ofAlice)).startsWith("GET");
        assertThat(Pooled.heard(ofBob)).isEmpty();
        Pooled.say(ofAlice, OK);
        assertThat(third.text()).isEqualTo("ok.");
    }

    private Wire answered(String user, Endpoint endpoint) {
        Asked asked = pool.ask(Pooled.peer(user), endpoint, "GET", 0);
        Wire upstream = pool.connected(pool.dials.size() - 1);
        assertThat(Pooled.heard(upstream)).startsWith("GET");
        Pooled.say(upstream, OK);
        assertThat(asked.text()).isEqualTo("ok.");
        return upstream;
    }

    @Test
    void aConnectionThatNamesItsClientIsForThatClient() {
        Carrier header = Carrier.of("proxy-v2");
        Asked one = pool.ask(Pooled.peer(), Pooled.endpoint(header, Carrier.TCP), "GET", 0);
        Pooled.say(pool.connected(0), OK);
        assertThat(one.text()).isEqualTo("ok.");
        Peer other = Peer.of(new InetSocketAddress("192.0.2.9", 9), Wire.HERE);
        pool.ask(other, Pooled.endpoint(header, Carrier.TCP), "GET", 0);
        assertThat(pool.dials).hasSize(2);
        pool.ask(Pooled.peer(), Pooled.endpoint(header, Carrier.TCP), "GET", 0);
        assertThat(pool.dials).hasSize(2);
    }

    @Test
    void whoWaitsLongestGetsTheFirstPlaceWhoeverDialledIt() {
        Asked first = pool.get();
        Asked second = pool.get();
        Wire upstream = pool.connected(1);
        assertThat(Pooled.heard(upstream)).startsWith("GET");
        Pooled.say(upstream, OK);
        assertThat(first.text()).isEqualTo("ok.");
        assertThat(Pooled.heard(upstream)).startsWith("GET");
        Pooled.say(upstream, OK);
        assertThat(second.text()).isEqualTo("ok.");
    }

    /** Found in the bench: after a stall of 5 ms every stream of every client had a connection of its own, and 150 ms were lost dialling them. */
    @Test
    void aBurstDialsAFewEachTurnAndTakesWhatComesFreeMeanwhile() {
        List<Asked> burst = Stream.generate(pool::get).limit(12).toList();
        assertThat(pool.dials).hasSize(8);
        for (int i = 0; i < 3; i++) {
            Wire upstream = pool.connected(i);
            Pooled.say(upstream, OK); // and a place for one of those for whom nothing was dialled
        }
        pool.pass(Duration.ofNanos(1));
        assertThat(pool.dials).as("one of twelve was left").hasSize(9);
        pool.pass(Duration.ofSeconds(1));
        assertThat(pool.dials).hasSize(9);
        for (int i = 3; i < 9; i++) {
            pool.connected(i);
        }
        pool.upstreams.forEach(upstream -> Pooled.say(upstream, OK));
        assertThat(burst).allSatisfy(asked -> assertThat(asked.text()).isEqualTo("ok."));
    }

    @Test
    void l95WhoIsLeftToTheNextTurnAndFindsTheBoundHasADeadline() {
        pool.limits(new Limits.Upstream(10, 20, 2, 20, Bytes.kib(64)));
        List<Asked> burst = Stream.generate(pool::get).limit(11).toList();
        pool.pass(Duration.ofNanos(1));
        assertThat(pool.dials).hasSize(10);
        pool.pass(Duration.ofSeconds(11));
        assertThat(reason(burst.get(10))).isEqualTo(Refusal.OVERLOADED);
    }

    @Test
    void aDialThatFailsFailsOnlyWhoHasNoOther() {
        Asked first = pool.get();
        Asked second = pool.get();
        pool.dials.get(0).setFailure(Refused.because(Refusal.CONNECTION_REFUSED, "test"));
        pool.run();
        assertThat(reason(first)).isEqualTo(Refusal.CONNECTION_REFUSED);
        Pooled.say(pool.connected(1), OK);
        assertThat(second.text()).isEqualTo("ok.");
    }

    @Test
    void aRequestThatIsGivenUpTakesItsDialAlong() {
        Asked asked = pool.get();
        asked.reply.cancel(false);
        pool.run();
        assertThat(pool.dials.get(0).isCancelled()).isTrue();
        pool.get();
        assertThat(pool.dials).hasSize(2);
    }

    @Test
    void oneDialServesAllWhoWaitForAConnectionOfHttp2() {
        var shared = Pooled.endpoint(Carrier.TCP).withHttp(HttpVersion.H2);
        Asked one = pool.ask(Pooled.peer(), shared, "GET", 0);
        Asked two = pool.ask(Pooled.peer(), shared, "GET", 0);
        assertThat(pool.dials).hasSize(1);
        Wire upstream = pool.connected(0);
        assertThat(Pooled.heard(upstream)).startsWith("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        pool.ask(Pooled.peer(), shared, "GET", 0);
        assertThat(pool.dials).hasSize(1);
        assertThat(one.reply.isDone() || two.reply.isDone()).isFalse();
    }

    @Test
    void aSharedDialThatFailsFailsAllWhoWaitForIt() {
        var shared = Pooled.endpoint(Carrier.TCP).withHttp(HttpVersion.H2);
        Asked one = pool.ask(Pooled.peer(), shared, "GET", 0);
        Asked two = pool.ask(Pooled.peer(), shared, "GET", 0);
        pool.dials.get(0).setFailure(Refused.because(Refusal.CONNECTION_REFUSED, "test"));
        pool.run();
        assertThat(reason(one)).isEqualTo(Refusal.CONNECTION_REFUSED);
        assertThat(reason(two)).isEqualTo(Refusal.CONNECTION_REFUSED);
    }

    @Test
    void l95MoreThanTheConnectionsWaitAndMoreThanThatAreRefused() {
        pool.limits(new Limits.Upstream(1, 2, 2, 20, Bytes.kib(64)));
        Asked first = pool.get();
        Wire upstream = pool.connected(0);
        Asked second = pool.get();
        Asked third = pool.get();
        Asked fourth = pool.get();
        assertThat(pool.dials).hasSize(1);
        assertThat(reason(fourth)).isEqualTo(Refusal.OVERLOADED);
        Pooled.say(upstream, OK);
        assertThat(first.text()).isEqualTo("ok.");
        Pooled.say(upstream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        assertThat(second.text()).isEqualTo(".");
        assertThat(pool.dials).hasSize(2);
        Pooled.say(pool.connected(1), OK);
        assertThat(third.text()).isEqualTo("ok.");
    }

    @Test
    void l95WhoeverLosesTheirDialToAnotherStillHasADeadline() {
        pool.limits(new Limits.Upstream(1, 4, 2, 20, Bytes.kib(64)));
        var either =
                Pooled.endpoint(Carrier.of("tls"), Carrier.TCP); // one dial is for all, as long as it may be HTTP/2
        Asked first = pool.ask(Pooled.peer(), either, "GET", 0);
        Asked second = pool.ask(Pooled.peer(), either, "GET", 0);
        Wire upstream = pool.connected(0); // it is HTTP/1.1, and the bound allows no other
        assertThat(Pooled.heard(upstream)).startsWith("GET");
        pool.pass(Duration.ofSeconds(11));
        assertThat(reason(second)).isEqualTo(Refusal.OVERLOADED);
        assertThat(first.reply.isDone()).isFalse();
    }

    @Test
    void l95WhoeverWaitsTooLongIsRefused() {
        pool.limits(new Limits.Upstream(1, 2, 2, 20, Bytes.kib(64)));
        pool.get();
        pool.connected(0);
        Asked second = pool.get();
        pool.pass(Duration.ofSeconds(11));
        assertThat(reason(second)).isEqualTo(Refusal.OVERLOADED);
    }

    /** Found by audit: behind a server that chooses HTTP/2 and takes no extended CONNECT every WebSocket was refused. */
    @Test
    void aWebSocketGoesOutInHttp11WhereTheServersHttp2TakesNone() {
        Endpoint endpoint = Pooled.endpoint(Carrier.of("tls"), Carrier.TCP);
        Asked first = pool.upgrade(endpoint);
        Wire two = Wire.local(Listening.open());
        two.attr(TlsTransport.ALPN).set("h2");
        pool.connected(0, two);
        two.send(Frames.settings());
        pool.run();
        assertThat(pool.dials).hasSize(2);
        assertThat(new String(two.heardBytes(), StandardCharsets.ISO_8859_1)).doesNotContain("websocket");
        Wire one = pool.connected(1);
        assertThat(Pooled.heard(one)).startsWith("GET /x HTTP/1.1\r\n").contains("upgrade: websocket\r\n");
        Pooled.say(one, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        assertThat(first.reply.getNow().status()).isEqualTo(403);
        assertThat(first.text()).isEqualTo("no.");
        pool.ask(Pooled.peer(), endpoint, "GET", 0);
        pool.run();
        assertThat(two.heardBytes()).as("other requests stay on HTTP/2").isNotEmpty();
        assertThat(pool.dials).hasSize(2);
    }
}
