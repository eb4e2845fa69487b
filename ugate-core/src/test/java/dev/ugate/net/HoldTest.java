package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HoldTest {
    private final Wire wire = Wire.local(Listening.open());
    private final Hold hold = Hold.on(wire);
    private final Sink sink = new Sink();

    @AfterEach
    void nothingIsLeft() {
        wire.close();
        assertThat(wire.tally().live()).isEmpty();
    }

    @Test
    void replaysInOrderWhatCameBeforeItsRelease() {
        wire.pipeline().addLast(sink);
        wire.send("01").send("02").sendFin();
        assertThat(sink.taken()).isEmpty();
        hold.release(wire);
        assertThat(sink.taken()).containsExactly(1, 2);
        assertThat(sink.ended()).isTrue();
    }

    @Test
    void isTransparentOnceReleased() {
        wire.pipeline().addLast(sink);
        hold.release(wire);
        wire.send("03");
        assertThat(sink.taken()).containsExactly(3);
    }

    @Test
    void aClosedChannelGetsNothingReplayed() {
        wire.pipeline().addLast(sink);
        wire.send("01");
        wire.close();
        assertThat(sink.taken()).isEmpty();
    }

    @Test
    void aBreakClosesSinceNobodyElseHears() {
        wire.send("01");
        wire.pipeline().fireExceptionCaught(new IOException("reset"));
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void earlyReadsDoTheSameForWhoeverReadsFirst() {
        Wire upstream = Wire.upstream();
        upstream.config().setAutoRead(false);
        EarlyReads early = new EarlyReads();
        upstream.pipeline().addLast(early);
        upstream.send("01");
        early.open();
        upstream.send("02").sendFin();
        Sink reader = new Sink();
        upstream.pipeline().addLast(reader);
        upstream.config().setAutoRead(true);
        upstream.runPendingTasks();
        assertThat(reader.taken()).containsExactly(1, 2);
        assertThat(reader.ended()).isTrue();
        assertThat(upstream.pipeline().get(EarlyReads.class)).isNull();
        upstream.close();
    }

    @Test
    void earlyReadsAreHandedOnBeforeAnEndIsWritten() {
        Wire upstream = Wire.upstream();
        EarlyReads early = new EarlyReads();
        upstream.pipeline().addLast(early);
        upstream.send("01");
        early.open();
        Sink reader = new Sink();
        upstream.pipeline().addLast(reader);
        upstream.writeAndFlush(dev.ugate.spi.Fin.FIN);
        assertThat(reader.taken()).containsExactly(1);
        assertThat(upstream.sawEnd()).isTrue();
        upstream.close();
    }

    @Test
    void earlyReadsCloseOnABreakThatNobodyHears() {
        Wire upstream = Wire.upstream();
        EarlyReads early = new EarlyReads();
        upstream.pipeline().addLast(early);
        early.open();
        upstream.pipeline().fireExceptionCaught(new IOException("reset"));
        assertThat(upstream.isOpen()).isFalse();
    }
}
