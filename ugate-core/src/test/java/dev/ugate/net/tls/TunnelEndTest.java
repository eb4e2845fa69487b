package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.net.Farewell;
import dev.ugate.net.Reset;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import dev.ugate.testing.FarSide;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A tunnel that is closed, as whoever owns it sees it. */
final class TunnelEndTest {
    private final Wire loop = Wire.upstream();
    private final FarSide far = new FarSide();
    private final ForeignChannel tunnel = new ForeignChannel(loop, far);

    @BeforeEach
    void begin() {
        tunnel.lend(loop.eventLoop());
        TunnelEnd.below(tunnel);
    }

    @AfterEach
    void leavesNothing() {
        Reset.close(tunnel);
        loop.runPendingTasks();
        loop.close();
        assertThat(loop.tally().live()).isEmpty();
    }

    private ByteBuf bytes(int length) {
        return loop.alloc().buffer(length).writeZero(length);
    }

    private void peerEnds() {
        tunnel.deliver(Fin.FIN);
        loop.runPendingTasks();
    }

    @Test
    void endsAndWaitsForTheEndOfThePeer() {
        ChannelFuture closed = tunnel.close();
        assertThat(tunnel.close()).as("asked twice").isNotSameAs(closed);
        assertThat(far.ends()).containsExactly("end");
        tunnel.deliver(bytes(9));
        loop.runPendingTasks();
        assertThat(closed.isDone()).isFalse();
        peerEnds();
        assertThat(far.ends()).containsExactly("end", "close");
        assertThat(closed.isSuccess()).isTrue();
    }

    @Test
    void closesAtOnceWhenThePeerHasEnded() {
        Sink sink = new Sink();
        tunnel.pipeline().addLast(sink);
        tunnel.read();
        peerEnds();
        assertThat(sink.ended()).isTrue();
        tunnel.close();
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void waitsNotForEver() {
        tunnel.close();
        loop.pass(Duration.ofMillis(999));
        assertThat(far.ends()).containsExactly("end");
        loop.pass(Duration.ofMillis(2));
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void whatWaitsForRoomGoesOutBeforeTheEnd() {
        far.room = 4;
        tunnel.writeAndFlush(bytes(9));
        tunnel.close();
        peerEnds();
        assertThat(far.ends()).isEmpty();
        far.room = 9;
        tunnel.resume();
        loop.runPendingTasks();
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void lastWordsEndItOnce() {
        Farewell.say(tunnel, Unpooled.EMPTY_BUFFER);
        peerEnds();
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void resetIsNoEnd() {
        Reset.close(tunnel);
        assertThat(far.ends()).containsExactly("close");
    }

    @Test
    void socketsNeedNoneAndTunnelsOne() {
        TunnelEnd.below(loop);
        assertThat(loop.pipeline().get(TunnelEnd.class)).isNull();
        Channel channel = tunnel;
        TunnelEnd.below(channel);
        assertThat(channel.pipeline().names()).hasSize(2);
    }
}
