package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Bytes;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import dev.ugate.spi.Verdict;
import dev.ugate.testing.Changed;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Wire;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DetectorTest {
    private final Notes notes = new Notes();
    private final FakeGate gate = new FakeGate();
    private Listening listening = Listening.open().journal(notes);
    private Wire wire = Wire.local(listening);
    private String served = "";

    /** A protocol that takes whatever its sniffer matches. */
    private final class Fake implements Protocol {
        private final String name;
        private final Sniffer sniffer;
        private final List<String> alpn;
        private final boolean demanded;

        Fake(String name, Sniffer sniffer, List<String> alpn, boolean demanded) {
            this.name = name;
            this.sniffer = sniffer;
            this.alpn = alpn;
            this.demanded = demanded;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Sniffer sniffer() {
            return sniffer;
        }

        @Override
        public List<String> alpn() {
            return alpn;
        }

        @Override
        public boolean demanded(Connection connection) {
            return demanded;
        }

        @Override
        public void serve(Channel connection, Gate door) {
            served += name;
            gate.sink(connection);
        }
    }

    private Protocol on(String name, Sniffer sniffer) {
        return new Fake(name, sniffer, List.of(), false);
    }

    private final Protocol fallback = on("fallback", Sniffer.NEVER);

    private void detect(Protocol... protocols) {
        Detector.begin(wire, List.of(protocols), null, gate);
    }

    private void detectOr(Protocol fallback, Protocol... protocols) {
        Detector.begin(wire, List.of(protocols), fallback, gate);
    }

    private void send(String text) {
        wire.send(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String taken() {
        return new String(gate.sink(wire).taken(), StandardCharsets.US_ASCII);
    }

    private void failed(Refusal reason, String text) {
        assertThat(notes.failed()).singleElement().satisfies(why -> {
            assertThat(why.reason()).isEqualTo(reason);
            assertThat(why.text()).isEqualTo(text);
        });
        assertThat(wire.isOpen()).isFalse();
        assertThat(served).isEmpty();
    }

    @AfterEach
    void nothingIsLeft() {
        wire.close();
        assertThat(wire.tally().live()).isEmpty();
        wire.checkException();
    }

    @Test
    void replaysEveryByteToTheProtocolThatMatched() {
        detect(on("a", Sniffer.prefix("AAA")), on("b", Sniffer.prefix("BBB")));
        send("B");
        send("B");
        assertThat(served).isEmpty();
        send("BBhello");
        send(" world");
        wire.sendFin();
        assertThat(served).isEqualTo("b");
        assertThat(taken()).isEqualTo("BBBBhello world");
        assertThat(gate.sink(wire).ended()).isTrue();
        assertThat(notes.detected()).containsExactly("b");
        assertThat(wire.pipeline().get(Detector.class)).isNull();
    }

    @Test
    void theFirstInTheListWins() {
        detect(on("one", Sniffer.prefix("A")), on("two", Sniffer.prefix("A")));
        send("A");
        assertThat(served).isEqualTo("one");
    }

    /** A later protocol must not take what an earlier one may still want. */
    @Test
    void aMatchWaitsForAnEarlierProtocolThatWantsMore() {
        detect(on("long", Sniffer.prefix("ABCD")), on("short", Sniffer.prefix("A")));
        send("AB");
        assertThat(served).isEmpty();
        send("X");
        assertThat(served).isEqualTo("short");
        assertThat(taken()).isEqualTo("ABX");
    }

    @Test
    void whatWantsMoreThanMayBeHeldDoesNotMatch() {
        listening = listening.limits(Changed.of(Limits.STANDARD, Map.of("sniffBytes", new Bytes(16))));
        wire = Wire.local(listening);
        Protocol greedy = on("greedy", head -> Verdict.MORE);
        detect(greedy, on("patient", head -> head.readableBytes() > 4 ? Verdict.MATCH : Verdict.MORE));
        send("x".repeat(15));
        assertThat(served).isEmpty();
        send("x");
        assertThat(served).isEqualTo("patient");
        assertThat(taken()).hasSize(16);
    }

    @Test
    void closesWhatNobodyKnows() {
        detect(on("a", Sniffer.prefix("A")));
        send("Z");
        failed(Refusal.MALFORMED, "detect: first bytes match no protocol");
        assertThat(wire.heard()).isEmpty();
    }

    @Test
    void closesWhatIsNeverComplete() {
        detect(on("a", head -> Verdict.MORE));
        send("x".repeat(16 * 1024 - 1));
        assertThat(wire.isOpen()).isTrue();
        send("x");
        failed(Refusal.MALFORMED, "detect: limit sniffBytes: first bytes match no protocol");
    }

    /** L10: the deadline is absolute, so that bytes one by one win no time (T2). */
    @Test
    void theDeadlineDoesNotMove() {
        detect(on("a", head -> Verdict.MORE));
        for (int i = 0; i < 4; i++) {
            wire.pass(Duration.ofSeconds(1));
            send("x");
        }
        assertThat(wire.isOpen()).isTrue();
        wire.pass(Duration.ofMillis(1001));
        failed(Refusal.TIMED_OUT, "detect: limit sniff: 4 bytes within 5000ms match no protocol");
    }

    @Test
    void silenceEndsAtTheDeadline() {
        detect(on("a", Sniffer.prefix("A")));
        wire.pass(Duration.ofMillis(4999));
        assertThat(wire.isOpen()).isTrue();
        wire.pass(Duration.ofMillis(2));
        failed(Refusal.TIMED_OUT, "detect: limit sniff: 0 bytes within 5000ms match no protocol");
    }

    @Test
    void silenceGoesToTheFallbackAfterTheGrace() {
        detectOr(fallback, on("a", Sniffer.prefix("A")));
        wire.pass(Duration.ofMillis(199));
        assertThat(served).isEmpty();
        wire.pass(Duration.ofMillis(50));
        wire.pass(Duration.ofMillis(50));
        assertThat(served).isEqualTo("fallback");
        send("late");
        assertThat(taken()).isEqualTo("late");
    }

    /** From now on the listener's silent clients are of this protocol. */
    private void quiet(String protocol) {
        Connection connection = Connection.of(wire);
        Ingress open = connection.ingress();
        Ingress quiet = new Ingress(
                open.name(),
                open.forward(),
                open.protocols(),
                open.port(),
                open.users(),
                open.trustedProxies(),
                open.target(),
                open.fallback(),
                open.settings(),
                open.http(),
                new Ingress.Arrival(false, Optional.empty(), Optional.of(protocol)));
        Connection.accepted(quiet, connection.peer()).on(wire);
    }

    @Test
    void silenceIsOfTheProtocolThatBeginsAtTheServer() {
        quiet("b");
        detectOr(fallback, on("a", Sniffer.prefix("A")), on("b", Sniffer.prefix("B")));
        wire.pass(Duration.ofMillis(199));
        assertThat(served).isEmpty();
        wire.pass(Duration.ofMillis(50));
        wire.pass(Duration.ofMillis(50));
        assertThat(served).isEqualTo("b");
        assertThat(notes.detected()).containsExactly("b");
        send("late");
        assertThat(taken()).isEqualTo("late");
    }

    @Test
    void whoSaysSomethingIsNotSilent() {
        quiet("b");
        detect(on("a", Sniffer.prefix("AA")), on("b", Sniffer.prefix("B")));
        send("A");
        wire.pass(Duration.ofSeconds(1));
        wire.pass(Duration.ofSeconds(1));
        assertThat(served).isEmpty();
        send("A");
        assertThat(served).isEqualTo("a");
    }

    @Test
    void unknownBytesGoToTheFallbackAtOnce() {
        detectOr(fallback, on("a", Sniffer.prefix("A")));
        send("Zoo");
        assertThat(served).isEqualTo("fallback");
        assertThat(taken()).isEqualTo("Zoo");
        assertThat(notes.detected()).containsExactly("fallback");
        assertThat(notes.failed()).isEmpty();
    }

    @Test
    void bytesThatMayStillBecomeSomethingWaitForTheDeadline() {
        detectOr(fallback, on("a", Sniffer.prefix("AB")));
        send("A");
        for (int i = 0; i < 49; i++) {
            wire.pass(Duration.ofMillis(100));
        }
        assertThat(served).isEmpty();
        wire.pass(Duration.ofMillis(150));
        wire.pass(Duration.ofMillis(50));
        assertThat(served).isEqualTo("fallback");
        assertThat(taken()).isEqualTo("A");
    }

    @Test
    void anEndWithoutAByteIsJustClosed() {
        detectOr(fallback, on("a", Sniffer.prefix("A")));
        wire.sendFin();
        assertThat(wire.isOpen()).isFalse();
        assertThat(served).isEmpty();
        assertThat(notes.failed()).isEmpty();
    }

    @Test
    void anEndAmidTheFirstBytesIsAFailure() {
        detect(on("a", Sniffer.prefix("AB")));
        send("A");
        wire.sendFin();
        failed(Refusal.MALFORMED, "detect: ended after 1 bytes that match no protocol");
    }

    @Test
    void theFallbackGetsTheEndBehindTheBytes() {
        detectOr(fallback, on("a", Sniffer.prefix("AB")));
        send("A");
        wire.sendFin();
        assertThat(taken()).isEqualTo("A");
        assertThat(gate.sink(wire).ended()).isTrue();
    }

    @Test
    void whatIsDemandedIsServedWithoutALook() {
        detect(on("a", Sniffer.prefix("A")), new Fake("proxy", Sniffer.NEVER, List.of(), true));
        assertThat(served).isEqualTo("proxy");
        send("A");
        assertThat(taken()).isEqualTo("A");
    }

    @Test
    void whatWasNegotiatedIsServedWithoutALook() {
        Connection.of(wire).withTls(Optional.of("h2"), Optional.empty()).on(wire);
        detect(on("a", Sniffer.prefix("P")), new Fake("http", Sniffer.NEVER, List.of("h2"), false));
        assertThat(served).isEqualTo("http");
    }

    @Test
    void anUnclaimedNegotiationIsSniffed() {
        Connection.of(wire).withTls(Optional.of("x"), Optional.empty()).on(wire);
        detect(new Fake("http", Sniffer.prefix("P"), List.of("h2"), false));
        send("P");
        assertThat(served).isEqualTo("http");
    }

    @Test
    void aBugInASnifferIsToldAndClosesTheConnection() {
        detect(on("a", head -> {
            throw new IllegalStateException("boom");
        }));
        send("A");
        failed(Refusal.INTERNAL, "detect: boom");
    }

    @Test
    void aResetAmidTheFirstBytesIsTold() {
        detect(on("a", Sniffer.prefix("AB")));
        send("A");
        wire.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        failed(Refusal.UNREACHABLE, "detect: reset by peer");
    }

    @Test
    void aResetBeforeTheFirstByteIsNothing() {
        detect(on("a", Sniffer.prefix("AB")));
        wire.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        assertThat(wire.isOpen()).isFalse();
        assertThat(notes.failed()).isEmpty();
    }

    @Test
    void aFailureIsToldOnce() {
        detect(on("a", Sniffer.prefix("A")));
        send("Z");
        wire.pass(Duration.ofSeconds(9));
        assertThat(notes.failed()).hasSize(1);
    }
}
