package dev.ugate.protocols.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Bytes;
import dev.ugate.model.Carrier;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Tries;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.net.pool.RequestCounts.Event;
import dev.ugate.protocols.http.client.Pooled.Asked;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Tally;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a request's body when nobody answered it with a byte (L29). */
final class KeptBodyTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final int MOST = 1024;
    private static final int LARGE = 1000;

    private final Pooled pool = new Pooled();
    private final Tally memory = new Tally();

    @BeforeEach
    void retries() {
        pool.retries = true;
        pool.limits(new Limits.Upstream(10, 10, 2, 20, new Bytes(MOST)));
    }

    @AfterEach
    void leavesNothing() {
        pool.close();
        assertThat(memory.live()).isEmpty();
    }

    /** An upstream on the loop of the requests' bodies. */
    private final class Origin implements ForeignChannel.Far {
        private final ForeignChannel channel = new ForeignChannel(pool.loop, this);
        private final StringBuilder heard = new StringBuilder();
        /** What it holds, as a socket does that still sends it. */
        private @Nullable ByteBuf sending;

        Origin(int dial) {
            channel.lend(pool.loop.eventLoop());
            pool.dials.get(dial).setSuccess(channel);
            pool.run();
        }

        String body() {
            return heard.substring(heard.indexOf("\r\n\r\n") + 4);
        }

        void say(String text) {
            channel.deliver(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
            pool.run();
        }

        void die() {
            channel.lost();
            pool.run();
        }

        @Override
        public int write(ByteBuf bytes) {
            heard.append(bytes.toString(StandardCharsets.US_ASCII));
            if (bytes.readableBytes() == LARGE) {
                sending = bytes.retain();
            }
            return bytes.readableBytes();
        }

        @Override
        public void finish(Fin fin) {}

        @Override
        public void read() {}

        @Override
        public void close() {}
    }

    private Asked ask(String method, long length) {
        Asked asked = pool.ask(Pooled.peer(), Pooled.endpoint(Carrier.TCP), method, length);
        asked.body.config().setAllocator(memory);
        return asked;
    }

    private void say(Asked asked, String text) {
        asked.body.deliver(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
        pool.run();
    }

    private void end(Asked asked, Fin fin) {
        asked.body.deliver(fin);
        pool.run();
    }

    private void pause() {
        pool.pass(Duration.ofMillis(60));
    }

    private static Refusal reason(Asked asked) {
        return ((Refused) asked.reply.cause()).reason();
    }

    @Test
    void whatWentOutGoesOutAgainAndTheRestBehindIt() {
        Asked put = ask("PUT", 9);
        Origin first = new Origin(0);
        say(put, "abc");
        assertThat(first.body()).isEqualTo("abc");
        first.die();
        say(put, "def");
        pause();
        Origin second = new Origin(1);
        assertThat(second.heard).startsWith("PUT /x ");
        assertThat(second.body()).isEqualTo("abcdef");
        say(put, "ghi");
        end(put, Fin.FIN);
        assertThat(second.body()).isEqualTo("abcdefghi");
        second.say(OK);
        assertThat(put.text()).isEqualTo("ok.");
        assertThat(pool.counts.of(Event.RETRY)).isEqualTo(1);
    }

    /** A socket that sends has the address of what it sends. */
    @Test
    void whatGoesOutAgainStaysWhereItIsWhenMoreIsKept() {
        Asked put = ask("PUT", LARGE + 2);
        Origin first = new Origin(0);
        say(put, "a".repeat(LARGE));
        first.die();
        pause();
        Origin second = new Origin(1);
        ByteBuf sent = Objects.requireNonNull(second.sending);
        int capacity = sent.capacity();
        say(put, "bc");
        assertThat(sent.capacity()).as("its own memory, which does not grow").isEqualTo(capacity);
        sent.release();
        Objects.requireNonNull(first.sending).release();
        end(put, Fin.FIN);
        second.say(OK);
        assertThat(second.body()).hasSize(LARGE + 2).endsWith("abc");
    }

    @Test
    void nothingIsKeptWhereNothingIsSentAgain() {
        pool.limits(new Limits.Upstream(10, 10, 0, 20, new Bytes(MOST)));
        Asked put = ask("PUT", 9);
        Origin only = new Origin(0);
        say(put, "abc");
        assertThat(memory.held()).isZero();
        only.die();
        assertThat(reason(put)).isEqualTo(Refusal.UNREACHABLE);
        assertThat(pool.dials).hasSize(1);
    }

    @Test
    void aBodyThatCameWholeGoesOutAgainWithItsTrailers() {
        Asked delete = ask("DELETE", -1);
        Origin first = new Origin(0);
        say(delete, "abc");
        end(delete, Fin.with(Fields.of("digest", "d")));
        first.die();
        pause();
        Origin second = new Origin(1);
        second.die();
        pause();
        Origin third = new Origin(2);
        assertThat(third.body()).isEqualTo(second.body()).isEqualTo("3\r\nabc\r\n0\r\ndigest: d\r\n\r\n");
        third.say(OK);
        assertThat(delete.text()).isEqualTo("ok.");
        assertThat(pool.counts.of(Event.RETRY)).isEqualTo(2);
    }

    @Test
    void whatMustNotBeRepeatedIsNotAndItsClientMayBeAnswered() {
        Asked post = ask("POST", 3);
        Origin first = new Origin(0);
        say(post, "abc");
        first.die();
        assertThat(reason(post)).isEqualTo(Refusal.UNREACHABLE);
        assertThat(post.body.isOpen()).isTrue();
        assertThat(pool.counts.of(Event.RETRY)).isZero();
        assertThat(pool.counts.of(Event.BODY_NOT_KEPT)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {MOST + 1, -1})
    void ofALongerBodyNothingIsKept(long length) {
        Asked put = ask("PUT", length);
        Origin first = new Origin(0);
        say(put, "x".repeat(MOST));
        assertThat(memory.held()).isEqualTo(length < 0 ? MOST : 0);
        say(put, "x");
        assertThat(memory.held()).isZero();
        first.die();
        assertThat(reason(put)).isEqualTo(Refusal.UNREACHABLE);
        assertThat(put.body.isOpen()).isTrue();
        assertThat(pool.counts.of(Event.BODY_NOT_KEPT)).isEqualTo(1);
        assertThat(pool.counts.of(Event.RETRY)).isZero();
    }

    @Test
    void aLongBodyThatHasNotBegunWaitsForTheNextTry() {
        Asked put = ask("PUT", MOST + 1);
        new Origin(0).die();
        pause();
        Origin second = new Origin(1);
        say(put, "x".repeat(MOST + 1));
        end(put, Fin.FIN);
        assertThat(second.body()).hasSize(MOST + 1);
        second.say(OK);
        assertThat(put.text()).isEqualTo("ok.");
    }

    @Test
    void aBodyThatGrowsTooLongBetweenTwoTriesEndsThem() {
        Asked put = ask("PUT", -1);
        Origin first = new Origin(0);
        say(put, "abc");
        first.die();
        say(put, "x".repeat(MOST));
        assertThat(memory.held()).isZero();
        pause();
        assertThat(pool.dials).hasSize(1);
        assertThat(reason(put)).isEqualTo(Refusal.UNREACHABLE);
        assertThat(put.body.isOpen()).isTrue();
        assertThat(pool.counts.of(Event.BODY_NOT_KEPT)).isEqualTo(1);
    }

    /** What was read leaked, and its request broke. */
    @Test
    void whereMemoryIsShortTheAttemptGoesOnAndNothingIsKept() {
        Asked put = ask("PUT", 6);
        Origin first = new Origin(0);
        memory.exhaust();
        say(put, "abc");
        say(put, "def");
        assertThat(first.body()).isEqualTo("abcdef");
        assertThat(memory.held()).isZero();
        first.die();
        pause();
        assertThat(pool.dials).hasSize(1);
        assertThat(reason(put)).isEqualTo(Refusal.UNREACHABLE);
    }

    @Test
    void aReplyThatBeginsNeedsNothingKept() {
        Asked put = ask("PUT", 6);
        Origin origin = new Origin(0);
        say(put, "abc");
        assertThat(memory.held()).isPositive();
        origin.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
        assertThat(memory.held()).isZero();
        assertThat(put.body.pipeline().get(KeptBody.class)).isNull();
        say(put, "def");
        assertThat(origin.body()).isEqualTo("abcdef");
    }

    @Test
    void anUnwelcomeAnswerIsFollowedByTheSameBody() {
        pool.tries = new Tries(
                Optional.empty(), Optional.empty(), Optional.of(new Tries.Retry(1, Set.of(503), Optional.empty())));
        Asked put = ask("PUT", 6);
        Origin first = new Origin(0);
        say(put, "abc");
        first.say("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\n");
        say(put, "def");
        end(put, Fin.FIN);
        pause();
        Origin second = new Origin(1);
        assertThat(second.body()).isEqualTo("abcdef");
        second.say("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
        assertThat(put.text()).isEqualTo("busy.");
    }

    @Test
    void aClientThatLeavesBetweenTwoTriesLeavesNothing() {
        Asked put = ask("PUT", 6);
        Origin first = new Origin(0);
        say(put, "abc");
        first.die();
        assertThat(memory.held()).isPositive();
        put.body.close();
        pool.run();
        assertThat(memory.held()).isZero();
        pause();
        assertThat(put.reply.isCancelled()).isTrue();
        assertThat(pool.dials).hasSize(1);
    }
}
