package dev.ugate.net.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.spi.Transport;
import dev.ugate.testing.Hex;
import dev.ugate.testing.Sink;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a dial through either kind of proxy owes, whatever is said. */
class ProxyDialTest {
    /** A kind of proxy and the answers of one that carries. */
    enum Kind {
        SOCKS5(Socks5Transport::new, "05 00", "05 00 00 01 00000000 0000"),
        HTTP(lower -> new HttpConnectTransport(lower, Limits.STANDARD), "\"HTTP/1.1 200 OK\\r\\nvia: a\\r\\n\\r\\n\"");

        private final Function<Transport, Transport> transport;
        private final String[] answers;

        Kind(Function<Transport, Transport> transport, String... answers) {
            this.transport = transport;
            this.answers = answers;
        }

        Upstream dial() {
            return new Upstream(transport, "example.com:443", Map.of());
        }

        String last() {
            return answers[answers.length - 1];
        }

        /** Connected, and every answer but the last was given. */
        Upstream almost() {
            Upstream upstream = dial().connect();
            Arrays.stream(answers).limit(answers.length - 1).forEach(upstream::says);
            return upstream;
        }
    }

    @ParameterizedTest
    @EnumSource
    void completesOnlyWithTheLastByteOfTheAnswer(Kind kind) {
        Upstream upstream = kind.dial().connect();
        for (String answer : kind.answers) {
            assertThat(upstream.dialled.isDone()).isFalse();
            upstream.dribbles(answer);
        }
        assertThat(upstream.dialled.getNow()).isSameAs(upstream.wire);
        assertThat(upstream.wire.config().isAutoRead()).isFalse();
        upstream.gone();
    }

    @ParameterizedTest
    @EnumSource
    void dialsTheProxyBelowItself(Kind kind) {
        Upstream upstream = kind.dial();
        assertThat(upstream.seen().endpoint().via()).containsExactly(Carrier.TCP);
        assertThat(upstream.seen().endpoint().addresses()).containsExactly(Upstream.PROXY);
    }

    @ParameterizedTest
    @EnumSource
    void whatFollowsTheAnswerWaitsForTheReader(Kind kind) {
        Upstream upstream = kind.almost();
        upstream.says(kind.last() + "\"220 hello\"").says("\" world\"");
        upstream.wire.sendFin();
        assertThat(upstream.dialled.isSuccess()).isTrue();
        Sink sink = upstream.read();
        assertThat(sink.taken()).isEqualTo("220 hello world".getBytes());
        assertThat(sink.ended()).isTrue();
        upstream.gone();
    }

    @ParameterizedTest
    @EnumSource
    void whatNobodyReadsIsReleased(Kind kind) {
        Upstream upstream = kind.almost();
        upstream.says(kind.last() + "\"220 hello\"");
        upstream.gone();
    }

    @ParameterizedTest
    @EnumSource
    void bytesFlowAfterwards(Kind kind) {
        Upstream upstream = kind.almost();
        upstream.says(kind.last());
        upstream.heard();
        Sink sink = upstream.read();
        upstream.says("\"one\"");
        upstream.wire.writeOutbound(upstream.wire.alloc().buffer().writeBytes(Hex.parse("\"two\"")));
        assertThat(sink.taken()).isEqualTo("one".getBytes());
        assertThat(upstream.heard()).isEqualTo(Upstream.hex("\"two\""));
        assertThat(upstream.wire.pipeline().get(ProxyHandshake.class)).isNull();
        upstream.gone();
    }

    @ParameterizedTest
    @EnumSource
    void failsAtTheDeadlineOfTheDial(Kind kind) {
        Upstream upstream = kind.almost();
        upstream.wire.pass(Duration.ofSeconds(11));
        assertThat(upstream.refused().reason()).isEqualTo(Refusal.TIMED_OUT);
        assertThat(upstream.refused()).hasMessage("word: limit connect: no answer in time");
        assertThat(upstream.wire.isOpen()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void aProxyThatEndsOrClosesIsUnreachable(Kind kind) {
        Upstream ended = kind.almost();
        ended.wire.sendFin();
        assertThat(ended.refused().reason()).isEqualTo(Refusal.UNREACHABLE);
        assertThat(ended.wire.isOpen()).isFalse();
        Upstream closed = kind.almost();
        closed.wire.close();
        assertThat(closed.refused()).hasMessage("word: proxy closed the connection before its answer");
    }

    @ParameterizedTest
    @EnumSource
    void cancelClosesInEveryState(Kind kind) {
        Upstream dialling = kind.dial();
        dialling.dialled.cancel(false);
        dialling.wire.runPendingTasks();
        assertThat(dialling.below().isCancelled()).isTrue();
        Upstream talking = kind.almost();
        talking.dialled.cancel(false);
        talking.wire.runPendingTasks();
        assertThat(talking.wire.isOpen()).isFalse();
        talking.gone();
    }

    @ParameterizedTest
    @EnumSource
    void aProxyThatCannotBeReachedKeepsItsReason(Kind kind) {
        Upstream upstream = kind.dial();
        upstream.below().setFailure(Refused.because(Refusal.CONNECTION_REFUSED, "connect 203.0.113.9:80: refused"));
        upstream.wire.runPendingTasks();
        assertThat(upstream.refused().reason()).isEqualTo(Refusal.CONNECTION_REFUSED);
        assertThat(upstream.refused()).hasMessage("connect 203.0.113.9:80: refused");
    }

    @ParameterizedTest
    @EnumSource
    void carriesNoDatagrams(Kind kind) {
        Upstream upstream = new Upstream(kind.transport, "a.b:53", Map.of(), Upstream.CLIENT, Shape.DATAGRAMS);
        assertThat(upstream.refused().reason()).isEqualTo(Refusal.NO_ROUTE);
    }
}
