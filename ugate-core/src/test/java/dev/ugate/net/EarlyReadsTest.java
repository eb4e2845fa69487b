package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.spi.Fin;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EarlyReadsTest {
    private final Wire wire = Wire.local(Listening.open());
    private final Sink sink = new Sink();

    EarlyReadsTest() {
        wire.config().setAutoRead(false);
        EarlyReads.on(wire);
    }

    @AfterEach
    void nothingIsLeft() {
        wire.close();
        assertThat(wire.tally().live()).isEmpty();
    }

    private void startReading() {
        wire.config().setAutoRead(true);
        wire.runPendingTasks();
    }

    @Test
    void replaysInOrderWhatCameBeforeItsReader() {
        wire.pipeline().addLast(sink);
        wire.send("01").send("02").sendFin();
        assertThat(sink.taken()).isEmpty();
        startReading();
        assertThat(sink.taken()).containsExactly(1, 2);
        assertThat(sink.ended()).isTrue();
    }

    @Test
    void isGoneOnceRead() {
        wire.pipeline().addLast(sink);
        startReading();
        assertThat(wire.pipeline().get(EarlyReads.class)).isNull();
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
    void keepsWhatAHandshakeLeavesForWhoeverReadsFirst() {
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
    void whatWasKeptIsHandedOnBeforeAnEndIsWritten() {
        Wire upstream = Wire.upstream();
        EarlyReads early = new EarlyReads();
        upstream.pipeline().addLast(early);
        upstream.send("01");
        early.open();
        Sink reader = new Sink();
        upstream.pipeline().addLast(reader);
        upstream.writeAndFlush(Fin.FIN);
        assertThat(reader.taken()).containsExactly(1);
        assertThat(upstream.sawEnd()).isTrue();
        upstream.close();
    }
}
