package dev.ugate.protocols.http.ws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Fin;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The accepting side; the test is the client, in frames. */
final class CarriedBytesTest {
    private static final String PING = "8900";

    private final Wire wire = Wire.local(Listening.open());
    private final Sink sink = new Sink();

    CarriedBytesTest() {
        wire.pipeline().addLast(CarriedBytes.server(Limits.WebSocket.STANDARD), sink);
    }

    @AfterEach
    void leavesNothing() {
        wire.close();
        wire.heard();
        assertThat(wire.tally().live()).isEmpty();
    }

    private void say(int opcode, String content) {
        wire.send(Frames.masked(opcode, true, content.getBytes(StandardCharsets.US_ASCII)));
    }

    private void write(String text) {
        wire.writeAndFlush(wire.alloc().buffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void assertBroken(Refusal reason, ThrowingCallable what) {
        assertThatThrownBy(what)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    @Test
    void carriesBytesBothWays() {
        say(Opcode.BINARY, "abc");
        say(Opcode.BINARY, "");
        say(Opcode.BINARY, "d");
        assertThat(new String(sink.taken(), StandardCharsets.US_ASCII)).isEqualTo("abcd");
        write("efg");
        assertThat(wire.heard()).isEqualTo("8203656667");
    }

    @Test
    void cutsWhatIsWrittenIntoFramesThatEveryPeerTakes() {
        wire.writeAndFlush(wire.alloc().buffer().writeZero(150_000));
        byte[] heard = wire.heardBytes();
        assertThat(heard).hasSize(150_000 + 10 + 10 + 4);
        assertThat(ByteBufUtil.hexDump(heard, 0, 10)).isEqualTo("827f0000000000010000");
    }

    @Test
    void theClientsCloseIsItsEndAndOursFollowsWhenAllIsSaid() {
        wire.send(Frames.masked(Opcode.CLOSE, true, Frames.close(1000)));
        assertThat(sink.ended()).isTrue();
        write("more");
        assertThat(wire.heard()).isEqualTo("82046d6f7265");
        assertThat(wire.sawEnd()).isFalse();
        wire.writeAndFlush(Fin.FIN);
        assertThat(wire.heard()).isEqualTo("880203e8");
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void ourEndIsACloseAndTheClientGoesOnUntilItsOwn() {
        wire.writeAndFlush(Fin.FIN);
        assertThat(wire.heard()).isEqualTo("880203e8");
        assertThat(wire.sawEnd()).isFalse();
        say(Opcode.BINARY, "rest");
        assertThat(sink.ended()).isFalse();
        wire.send(Frames.masked(Opcode.CLOSE, true, Frames.close(1000)));
        assertThat(new String(sink.taken(), StandardCharsets.US_ASCII)).isEqualTo("rest");
        assertThat(sink.ended()).isTrue();
        assertThat(wire.sawEnd()).isTrue();
    }

    @Test
    void aConnectionThatEndsWithoutCloseWasBrokenOff() {
        say(Opcode.BINARY, "half");
        wire.sendFin();
        assertThat(wire.isOpen()).isFalse();
        assertThat(sink.ended()).isFalse();
    }

    @Test
    void aCloseWithAnErrorIsNoEnd() {
        assertBroken(Refusal.UNREACHABLE, () -> wire.send(Frames.masked(Opcode.CLOSE, true, Frames.close(1011))));
        assertThat(sink.ended()).isFalse();
    }

    @Test
    void answersPings() {
        say(Opcode.PING, "hi");
        assertThat(wire.heard()).isEqualTo("8a026869");
    }

    @Test
    void refusesText() {
        assertBroken(Refusal.MALFORMED, () -> say(Opcode.TEXT, "hello"));
        assertThat(wire.heard()).isEqualTo("880203eb");
        assertThat(sink.taken()).isEmpty();
    }

    @Test
    void tellsTheClientWhatItDidWrong() {
        assertBroken(Refusal.MALFORMED, () -> wire.send("82 01 00"));
        assertThat(wire.heard()).isEqualTo("880203ea");
        say(Opcode.BINARY, "never seen");
        assertThat(sink.taken()).isEmpty();
    }

    @Test
    void refusesCloseFramesThatNobodyMaySend() {
        assertBroken(Refusal.MALFORMED, () -> wire.send(Frames.masked(Opcode.CLOSE, true, Frames.close(1005))));
        assertThat(wire.heard()).isEqualTo("880203ea");
    }

    @Test
    void asksASilentClientForASignOfLifeAndGivesUpWhenItOwesTwo() {
        Duration interval = Limits.WebSocket.STANDARD.webSocketPing();
        wire.config().setAutoRead(true);
        wire.pass(interval);
        assertThat(wire.heard()).isEqualTo(PING);
        say(Opcode.PONG, "");
        wire.pass(interval);
        assertThat(wire.heard()).isEmpty();
        wire.pass(interval);
        wire.pass(interval);
        assertThat(wire.heard()).isEqualTo(PING + PING);
        assertBroken(Refusal.TIMED_OUT, () -> {
            wire.pass(interval);
            wire.checkException();
        });
    }

    @Test
    void masksWhatAClientWrites() {
        Wire upstream = Wire.upstream();
        upstream.pipeline().addLast(CarriedBytes.client(() -> 0x37FA213DL << 32, Limits.WebSocket.STANDARD));
        upstream.writeAndFlush(Unpooled.copiedBuffer("Hello", StandardCharsets.US_ASCII));
        assertThat(upstream.heard()).isEqualTo("828537fa213d7f9f4d5158");
        upstream.close();
    }
}
