package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Connection;
import dev.ugate.testing.FakeGate;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HandshakeTest {
    private final Notes notes = new Notes();
    private final FakeGate gate = new FakeGate();
    private final Wire wire = Wire.local(Listening.open().journal(notes));
    private final Greeting greeting = new Greeting();

    /** {@code HI} is asked and answered {@code ?}; then a digit is the intent, {@code >} goes on elsewhere, all else is wrong. */
    private final class Greeting implements Dialogue {
        private boolean greeted;

        @Override
        public Outcome read(Channel client, ByteBuf in) {
            if (!greeted) {
                if (in.readableBytes() < 2) {
                    return Outcome.MORE;
                }
                in.skipBytes(2);
                greeted = true;
                client.writeAndFlush(ascii(client, "?"));
            }
            if (!in.isReadable()) {
                return Outcome.MORE;
            }
            char c = (char) in.readByte();
            if (c == '>') {
                return new Continue(() -> gate.sink(client));
            }
            if (c == '!') {
                throw new IllegalStateException("boom");
            }
            if (c < '0' || c > '9') {
                throw Refused.malformed("digit " + c + ": expected 0 to 9");
            }
            return new Open(Intent.bytes("test", Connection.of(client).peer(), new HostPort("host" + c, 80)));
        }

        @Override
        public ByteBuf yes(Channel client, Channel upstream) {
            return ascii(client, "yes ");
        }

        @Override
        public ByteBuf no(Channel client, Refused why) {
            return ascii(client, "no " + why.reason());
        }
    }

    private static ByteBuf ascii(Channel channel, String text) {
        return channel.alloc().buffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void begin() {
        Handshake.begin(wire, gate, "test", greeting);
    }

    private void send(String text) {
        wire.send(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String heard() {
        return new String(wire.heardBytes(), StandardCharsets.US_ASCII);
    }

    private static String text(Sink sink) {
        return new String(sink.taken(), StandardCharsets.US_ASCII);
    }

    @AfterEach
    void nothingIsLeft() {
        wire.heardBytes();
        wire.close();
        assertThat(wire.tally().live()).isEmpty();
        wire.checkException();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 7, 11})
    void earlyPayloadFollowsTheYesHoweverItWasCut(int cut) {
        begin();
        String all = "HI7payload";
        send(all.substring(0, Math.min(cut, all.length())));
        send(all.substring(Math.min(cut, all.length())));
        wire.sendFin();
        assertThat(heard()).isEqualTo("?");
        assertThat(gate.stream().intent().target()).isEqualTo(new HostPort("host7", 80));
        Sink sink = gate.accept();
        assertThat(heard()).isEqualTo("yes ");
        assertThat(text(sink)).isEqualTo("payload");
        assertThat(sink.ended()).isTrue();
        assertThat(wire.pipeline().get(Handshake.class)).isNull();
    }

    @Test
    void goesOnWithOtherHandlers() {
        begin();
        send("HI>rest");
        assertThat(text(gate.sink(wire))).isEqualTo("rest");
        wire.pass(Duration.ofMinutes(1));
        assertThat(wire.isOpen()).isTrue();
        assertThat(notes.failed()).isEmpty();
    }

    @Test
    void aWrongMessageIsAnsweredOnceAndTold() {
        begin();
        send("HIxyz");
        assertThat(heard()).isEqualTo("?no MALFORMED");
        assertThat(wire.sawEnd()).isTrue();
        assertThat(notes.failed())
                .singleElement()
                .satisfies(why -> assertThat(why.text()).isEqualTo("test: digit x: expected 0 to 9"));
        send("more");
        wire.sendFin();
        assertThat(wire.isOpen()).isFalse();
        assertThat(heard()).isEmpty();
    }

    @Test
    void aBugIsAnsweredAsInternal() {
        begin();
        send("HI!");
        assertThat(heard()).isEqualTo("?no INTERNAL");
    }

    @Test
    void theDeadlineIsAnswered() {
        begin();
        send("H");
        wire.pass(Duration.ofMillis(9_999));
        assertThat(heard()).isEmpty();
        wire.pass(Duration.ofMillis(2));
        assertThat(heard()).isEqualTo("no TIMED_OUT");
        wire.pass(Duration.ofSeconds(2));
        assertThat(wire.isOpen()).isFalse();
        assertThat(notes.failed()).hasSize(1);
    }

    @Test
    void noDeadlineRunsWhileTheGateDecides() {
        begin();
        send("HI1");
        wire.pass(Duration.ofMinutes(1));
        gate.accept();
        assertThat(heard()).isEqualTo("?yes ");
    }

    @Test
    void anEndAmidTheHandshakeIsAnswered() {
        begin();
        send("H");
        wire.sendFin();
        assertThat(heard()).isEqualTo("no MALFORMED");
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void aRefusedClientThatEndedBeforeIsLetGoAtOnce() {
        begin();
        send("HI1early");
        wire.sendFin();
        gate.refuse(Refusal.DENIED);
        assertThat(heard()).isEqualTo("?no DENIED");
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void aRefusedClientHasASecondToRead() {
        begin();
        send("HI1");
        gate.refuse(Refusal.DENIED);
        wire.pass(Duration.ofMillis(999));
        assertThat(wire.isOpen()).isTrue();
        send("discarded");
        wire.pass(Duration.ofMillis(2));
        assertThat(wire.isOpen()).isFalse();
        assertThat(heard()).isEqualTo("?no DENIED");
    }

    @Test
    void aClientThatIsGoneIsToldNothing() {
        begin();
        send("HI1early");
        wire.close();
        gate.refuse(Refusal.UNREACHABLE);
        assertThat(heard()).isEqualTo("?");
    }

    @Test
    void aBreakWhileTheGateDecidesClosesTheClient() {
        begin();
        send("HI1early");
        wire.pipeline().fireExceptionCaught(new java.io.IOException("Connection reset by peer"));
        assertThat(wire.isOpen()).isFalse();
        assertThat(notes.failed()).isEmpty();
    }
}
