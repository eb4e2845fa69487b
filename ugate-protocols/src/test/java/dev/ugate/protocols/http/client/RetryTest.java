package dev.ugate.protocols.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Bytes;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import dev.ugate.model.http.Tries;
import dev.ugate.net.pool.RequestCounts.Event;
import dev.ugate.net.tls.TlsTransport;
import dev.ugate.protocols.http.client.Pooled.Asked;
import dev.ugate.protocols.http.h2.Frames;
import dev.ugate.spi.Request;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent again, how often, and what never is (L29). */
final class RetryTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final Refused DOWN = Refused.because(Refusal.CONNECTION_REFUSED, "test");

    private final Pooled pool = new Pooled();

    @BeforeEach
    void retries() {
        pool.retries = true;
    }

    @AfterEach
    void leavesNothing() {
        pool.close();
    }

    private void fail(int dial) {
        pool.dials.get(dial).setFailure(DOWN);
        pool.run();
    }

    private void wait(Asked asked) {
        assertThat(asked.reply.isDone()).isFalse();
        pool.pass(Duration.ofMillis(60));
    }

    private static Refusal reason(Asked asked) {
        return ((Refused) asked.reply.cause()).reason();
    }

    @Test
    void anIdleConnectionThatEndsUnderARequestCostsNoRequest() {
        Asked first = pool.get();
        Wire upstream = pool.connected(0);
        Pooled.say(upstream, OK);
        assertThat(first.text()).isEqualTo("ok.");
        Asked second = pool.get();
        upstream.sendFin();
        assertThat(Request.attempts(second.body)).as("not yet").isEqualTo(1);
        wait(second);
        assertThat(pool.dials).hasSize(2);
        assertThat(Request.attempts(first.body)).isEqualTo(1);
        assertThat(Request.attempts(second.body)).isEqualTo(2);
        Pooled.say(pool.connected(1), OK);
        assertThat(second.text()).isEqualTo("ok.");
        assertThat(pool.counts.of(Event.RETRY)).isEqualTo(1);
    }

    @Test
    void whatWasSentAndMustNotBeRepeatedIsNot() {
        Asked post = pool.ask(Pooled.peer(), Pooled.endpoint(Carrier.TCP), "POST", 0);
        pool.connected(0).sendFin();
        assertThat(reason(post)).isEqualTo(Refusal.UNREACHABLE);
        assertThat(pool.counts.of(Event.RETRY)).isZero();
    }

    @Test
    void anyRequestThatNeverWentOutIsSentAgain() {
        Asked post = pool.ask(Pooled.peer(), Pooled.endpoint(Carrier.TCP), "POST", 3);
        fail(0);
        wait(post);
        Wire upstream = pool.connectedHere(1);
        post.body.deliver(Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII));
        post.body.deliver(dev.ugate.spi.Fin.FIN);
        pool.run();
        assertThat(Pooled.heard(upstream)).endsWith("\r\n\r\nabc");
        Pooled.say(upstream, OK);
        assertThat(post.text()).isEqualTo("ok.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"H", "HTTP/1.1 103 Early Hints\r\n\r\n"})
    void whoHasSaidAByteIsNotAskedAgain(String begun) {
        Asked asked = pool.get();
        Wire upstream = pool.connected(0);
        Pooled.say(upstream, begun);
        upstream.sendFin();
        assertThat(reason(asked)).isEqualTo(Refusal.UNREACHABLE);
    }

    @Test
    void requestsThatAreGivenUpInThePauseCostTheBudgetNothing() {
        for (int i = 0; i < 4; i++) {
            Asked asked = pool.get();
            fail(i);
            asked.reply.cancel(false);
            pool.pass(Duration.ofMillis(60));
        }
        Asked last = pool.get();
        fail(4);
        wait(last);
        Pooled.say(pool.connected(5), OK);
        assertThat(last.text()).isEqualTo("ok.");
        assertThat(pool.counts.of(Event.BUDGET_SPENT)).isZero();
    }

    @Test
    void anAttemptThatTakesTooLongIsFollowedByAnother() {
        pool.tries = new Tries(Optional.empty(), Optional.of(Duration.ofSeconds(2)), Optional.empty());
        Asked asked = pool.get();
        Wire slow = pool.connected(0);
        assertThat(Pooled.heard(slow)).startsWith("GET");
        pool.pass(Duration.ofSeconds(3));
        assertThat(slow.isOpen()).isFalse();
        wait(asked);
        Wire quick = pool.connected(1);
        Pooled.say(quick, OK);
        assertThat(asked.text()).isEqualTo("ok.");
        pool.pass(Duration.ofSeconds(3));
        assertThat(quick.isOpen()).isTrue();
    }

    @Test
    void aClientThatLeavesBehindALateAttemptIsHeardAtOnce() {
        pool.tries =
                new Tries(Optional.of(Duration.ofMinutes(5)), Optional.of(Duration.ofSeconds(2)), Optional.empty());
        Asked asked = pool.get();
        pool.connected(0);
        pool.loop.pass(Duration.ofMillis(2_001));
        assertThat(asked.reply.isDone()).as("tried again in a moment").isFalse();
        asked.body.close();
        pool.pass(Duration.ofSeconds(1));
        assertThat(asked.reply.isDone()).isTrue();
        assertThat(pool.dials).hasSize(1);
    }

    @Test
    void anAttemptThatMustNotBeRepeatedEndsTheRequestWhenItTakesTooLong() {
        pool.tries = new Tries(Optional.empty(), Optional.of(Duration.ofSeconds(2)), Optional.empty());
        Asked post = pool.ask(Pooled.peer(), Pooled.endpoint(Carrier.TCP), "POST", 0);
        pool.connected(0);
        pool.pass(Duration.ofSeconds(3));
        assertThat(reason(post)).isEqualTo(Refusal.TIMED_OUT);
        assertThat(((Refused) post.reply.cause()).error()).contains(ProxyError.HTTP_RESPONSE_TIMEOUT);
    }

    /** Nothing went out, so that it is the connection that is late, and anything may be sent again. */
    @Test
    void anAttemptThatIsNeverConnectedIsFollowedByAnotherWhateverItIs() {
        pool.tries = new Tries(Optional.empty(), Optional.of(Duration.ofSeconds(2)), Optional.empty());
        Asked post = pool.ask(Pooled.peer(), Pooled.endpoint(Carrier.TCP), "POST", 0);
        for (int i = 0; i < 2; i++) {
            pool.pass(Duration.ofMillis(2_001));
            wait(post);
        }
        pool.pass(Duration.ofMillis(2_001));
        Refused why = (Refused) post.reply.cause();
        assertThat(why.reason()).isEqualTo(Refusal.TIMED_OUT);
        assertThat(why.error()).isEmpty();
        assertThat(why.text()).isEqualTo("limit backendRequest: no connection within 2000ms");
        assertThat(pool.counts.of(Event.RETRY)).isEqualTo(2);
    }

    @Test
    void aRequestThatIsNeverConnectedSaysSo() {
        pool.tries = new Tries(Optional.of(Duration.ofSeconds(2)), Optional.empty(), Optional.empty());
        Asked late = pool.get();
        pool.pass(Duration.ofMillis(2_001));
        Refused why = (Refused) late.reply.cause();
        assertThat(why.error()).isEmpty();
        assertThat(why.text()).isEqualTo("limit request: no connection within 2000ms");
    }

    /** What it was sent may have been acted on, so that nobody may take the last wait for the whole. */
    @Test
    void aRequestThatWasSentBeforeHadNoReply() {
        Optional<Duration> whole = Optional.of(Duration.ofSeconds(3));
        pool.tries = new Tries(whole, Optional.of(Duration.ofSeconds(2)), Optional.empty());
        Asked late = pool.get();
        pool.connected(0);
        pool.pass(Duration.ofMillis(2_001));
        wait(late);
        pool.pass(Duration.ofMillis(1_001));
        Refused why = (Refused) late.reply.cause();
        assertThat(pool.counts.of(Event.RETRY)).isEqualTo(1);
        assertThat(why.error()).contains(ProxyError.HTTP_RESPONSE_TIMEOUT);
        assertThat(why.text()).isEqualTo("limit request: no reply within 3000ms");
    }

    /** As the Gateway API has it. */
    @Test
    void zeroIsNoLimit() {
        pool.tries = new Tries(Optional.of(Duration.ZERO), Optional.of(Duration.ZERO), Optional.empty());
        Asked asked = pool.get();
        pool.pass(Duration.ofSeconds(5));
        Pooled.say(pool.connected(0), OK);
        assertThat(asked.text()).isEqualTo("ok.");
    }

    @Test
    void twoRetriesAreAll() {
        Asked asked = pool.get();
        fail(0);
        wait(asked);
        fail(1);
        wait(asked);
        fail(2);
        assertThat(reason(asked)).isEqualTo(Refusal.CONNECTION_REFUSED);
        assertThat(pool.dials).hasSize(3);
    }

    @Test
    void noneIsMadeWhereNoneIsWanted() {
        pool.limits(new Limits.Upstream(10, 10, 0, 20, Bytes.kib(64)));
        Asked asked = pool.get();
        fail(0);
        assertThat(asked.reply.isDone()).isTrue();
    }

    @Test
    void aStormOfFailuresMakesNoStormOfRetries() {
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            all.add(pool.get());
        }
        for (int i = 0; i < 30; i++) {
            if (i == pool.dials.size()) {
                pool.pass(Duration.ofNanos(1)); // the next turn dials for more of them
            }
            fail(i);
        }
        // A fifth of those that still are under way, and three at least.
        assertThat(pool.counts.of(Event.RETRY)).isBetween(3L, 6L);
        assertThat(pool.counts.of(Event.BUDGET_SPENT)).isEqualTo(30 - pool.counts.of(Event.RETRY));
        assertThat(all.stream().filter(asked -> asked.reply.isDone()).count())
                .isEqualTo(pool.counts.of(Event.BUDGET_SPENT));
    }

    /** An upstream that leaves in order is no sign of overload, and has asked for nothing but another connection. */
    @Test
    void requestsThatGoawayLeftOutAreAllSentAgain() {
        Endpoint endpoint = Pooled.endpoint(Carrier.of("tls"), Carrier.TCP);
        pool.ask(Pooled.peer(), endpoint, "POST", 0);
        Wire leaving = Wire.local(Listening.open());
        leaving.attr(TlsTransport.ALPN).set("h2");
        pool.connected(0, leaving);
        leaving.send(Frames.settings(3, 100));
        for (int i = 0; i < 29; i++) {
            pool.ask(Pooled.peer(), endpoint, "POST", 0);
        }
        pool.run();
        assertThat(pool.dials).hasSize(1);
        leaving.send(Frames.goAway(0, 0));
        pool.pass(Duration.ofMillis(60));
        assertThat(pool.counts.of(Event.BUDGET_SPENT)).isZero();
        assertThat(pool.counts.of(Event.RETRY)).isEqualTo(30);
        assertThat(pool.dials).hasSizeGreaterThan(1);
    }

    @Test
    void nothingIsSentForAClientThatLeft() {
        Asked asked = pool.get();
        fail(0);
        asked.body.close();
        wait(asked);
        assertThat(asked.reply.isCancelled()).isTrue();
        assertThat(pool.dials).hasSize(1);
    }

    @Test
    void aCancelledRequestIsNotSentAgain() {
        Asked asked = pool.get();
        fail(0);
        asked.reply.cancel(false);
        pool.pass(Duration.ofSeconds(1));
        assertThat(pool.dials).hasSize(1);
    }

    /** Found by audit: one that hangs was no failure, and its endpoint got its full share of the next requests. */
    @Test
    void anAttemptThatIsLateCountsAgainstItsEndpoint() {
        pool.tries = new Tries(
                Optional.empty(),
                Optional.of(Duration.ofMillis(100)),
                Optional.of(new Tries.Retry(1, Set.of(), Optional.empty())));
        Asked late = pool.get();
        pool.connected(0);
        pool.pass(Duration.ofMillis(110));
        assertThat(pool.outcomes).containsExactly(false);
        wait(late);
        Pooled.say(pool.connected(1), OK);
        assertThat(late.text()).isEqualTo("ok.");
        assertThat(pool.outcomes).containsExactly(false, true);
        Asked unwanted = pool.get();
        unwanted.reply.cancel(false);
        pool.run();
        assertThat(pool.outcomes).hasSize(2);
    }

    @Test
    void aRequestThatIsLateCountsAgainstTheEndpointThatHasIt() {
        pool.tries = new Tries(Optional.of(Duration.ofMillis(100)), Optional.empty(), Optional.empty());
        Asked late = pool.get();
        pool.connected(0);
        pool.pass(Duration.ofMillis(110));
        assertThat(reason(late)).isEqualTo(Refusal.TIMED_OUT);
        assertThat(pool.outcomes).containsExactly(false);
    }

    @Test
    void aCallThatIsRefusedCountsAgainstItsEndpoint() {
        for (String head : List.of("grpc-status: 14\r\n", "grpc-status: 5\r\n", "")) {
            pool.get();
            Pooled.say(
                    pool.connected(pool.outcomes.size()),
                    "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\nconnection: close\r\n"
                            + head + "\r\n");
        }
        assertThat(pool.outcomes).containsExactly(false, true, true);
    }

    /** Else a few clients that dribble could have an endpoint ejected. */
    @Test
    void aBodyThatIsLateIsNoFaultOfTheEndpoint() {
        pool.tries = new Tries(Optional.of(Duration.ofMillis(100)), Optional.empty(), Optional.empty());
        Asked slow = pool.ask(Pooled.peer(), Pooled.endpoint(Carrier.TCP), "POST", 10);
        pool.connectedHere(0);
        slow.body.deliver(Unpooled.copiedBuffer("half", StandardCharsets.US_ASCII));
        pool.pass(Duration.ofMillis(110));
        assertThat(reason(slow)).isEqualTo(Refusal.TIMED_OUT);
        assertThat(pool.outcomes).isEmpty();
    }
}
