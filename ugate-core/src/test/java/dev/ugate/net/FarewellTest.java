package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Timeouts;
import dev.ugate.spi.Fin;
import dev.ugate.testing.FarSide;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Last words to a peer that takes its time to read them. */
final class FarewellTest {
    private static final Duration STALL = Timeouts.STANDARD.writeStall();

    private final Wire loop = Wire.upstream();
    private final FarSide far = new FarSide();
    private final ForeignChannel channel = new ForeignChannel(loop, far);

    @BeforeEach
    void begin() {
        channel.lend(loop.eventLoop());
    }

    @AfterEach
    void leavesNothing() {
        Reset.close(channel);
        loop.runPendingTasks();
        loop.close();
        assertThat(loop.tally().live()).isEmpty();
    }

    private ByteBuf words(int length) {
        return loop.alloc().buffer(length).writeZero(length);
    }

    /** The peer takes what is left of so many bytes. */
    private void takes(int bytes) {
        far.room = bytes;
        channel.resume();
        loop.runPendingTasks();
    }

    private void peerEnds() {
        channel.deliver(Fin.FIN);
        loop.runPendingTasks();
    }

    @Test
    void waitsForThePeerToEndToo() {
        Farewell.say(channel, words(9));
        assertThat(far.ends()).containsExactly("end");
        peerEnds();
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void waitsNotForEver() {
        Farewell.say(channel, words(9));
        loop.pass(Duration.ofMillis(999));
        assertThat(far.ends()).containsExactly("end");
        loop.pass(Duration.ofMillis(2));
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void slowReaderGetsAllOfIt() {
        far.room = 4;
        channel.writeAndFlush(words(9));
        Farewell.say(channel, words(9));
        for (int taken = 0; taken < 9; taken += 3) {
            loop.pass(STALL.minusMillis(1));
            takes(3);
            assertThat(far.ends()).isEmpty();
        }
        loop.pass(STALL.minusMillis(1));
        takes(9);
        assertThat(far.ends()).containsExactly("end");
        loop.pass(Duration.ofMillis(1001));
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void whoTakesNothingIsCutOff() {
        far.room = 4;
        Farewell.say(channel, words(9));
        loop.pass(STALL.multipliedBy(2));
        assertThat(far.ends()).as("a break, no end").containsExactly("close");
    }

    @Test
    void peerThatHasEndedIsToldTheEndAndNotWaitedFor() {
        Farewell.last(channel, words(9));
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void peerThatHasEndedMayReadSlowly() {
        far.room = 4;
        Farewell.last(channel, words(9));
        peerEnds();
        loop.pass(STALL.minusMillis(1));
        assertThat(far.ends()).isEmpty();
        takes(5);
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void endThatComesWhileWordsWaitIsNoReasonToDropThem() {
        far.room = 4;
        Farewell.say(channel, words(9));
        peerEnds();
        assertThat(far.ends()).isEmpty();
        takes(5);
        assertThat(far.ends()).containsExactly("end", "close");
    }
}
