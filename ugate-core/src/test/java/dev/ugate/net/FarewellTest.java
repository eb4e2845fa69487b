package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Peer;
import dev.ugate.model.Timeouts;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import dev.ugate.testing.FarSide;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Last words to a peer that takes its time to read them. */
@Timeout(60)
final class FarewellTest {
    /** More than the peer has room for, and less than the kernel holds for it. */
    private static final int MUCH = 512 * 1024;

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

    /** Second by second, as it is looked at. */
    private void pass(Duration time) {
        for (Duration left = time; !left.isZero(); left = left.minusSeconds(1)) {
            loop.pass(Duration.ofSeconds(1));
        }
    }

    /** The peer has room for so many bytes more. */
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
            pass(STALL.minusSeconds(1));
            takes(3);
            assertThat(far.ends()).isEmpty();
        }
        pass(STALL.minusSeconds(1));
        takes(9);
        assertThat(far.ends()).containsExactly("end");
        loop.pass(Duration.ofMillis(1001));
        assertThat(far.ends()).containsExactly("end", "close");
    }

    @Test
    void whoTakesNothingIsCutOff() {
        Notes notes = new Notes();
        Connection.accepted(
                        Listening.open().journal(notes).ingress(),
                        Peer.of(new InetSocketAddress(7), new InetSocketAddress(8)))
                .on(channel);
        far.room = 4;
        Farewell.say(channel, words(9));
        pass(STALL.multipliedBy(2));
        assertThat(notes.limits()).containsExactly("writeStall");
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
        pass(STALL.minusSeconds(1));
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

    /** As HTTP/2 does, whose reader tells of the room it has: a reset would take what the kernel holds for it. */
    @ParameterizedTest
    @EnumSource(value = Loops.Backend.class, names = "NIO", mode = EnumSource.Mode.EXCLUDE)
    void slowReaderWhoSpeaksMeanwhileGetsAllOfIt(Loops.Backend backend) throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        Consumer<Channel> says = accepted -> {
            accepted.closeFuture().addListener(done -> closed.countDown());
            Farewell.say(accepted, accepted.alloc().buffer(MUCH).writeZero(MUCH));
        };
        try (Accepting server = new Accepting(backend, says);
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(8 * 1024);
            socket.connect(server.address());
            socket.setSoTimeout(10_000);
            // Longer than a peer that has everything may take to end.
            for (int i = 0; i < 13; i++) {
                socket.getOutputStream().write(i);
                assertThat(closed.await(100, TimeUnit.MILLISECONDS)).isFalse();
            }
            assertThat(Accepting.count(socket.getInputStream())).isEqualTo(MUCH);
            socket.close();
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Its socket has had both ends, as that of a WebSocket has: no backend but epoll lets anything be written behind that. */
    @ParameterizedTest
    @EnumSource
    void afterBothEndsNothingIsLeftToSay(Loops.Backend backend) throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        Consumer<Channel> ends = accepted -> {
            accepted.closeFuture().addListener(done -> closed.countDown());
            accepted.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object end) {
                    assertThat(end).isInstanceOf(Fin.class);
                    Farewell.last(ctx.channel(), Unpooled.EMPTY_BUFFER);
                }
            });
            accepted.writeAndFlush(Fin.FIN);
        };
        try (Accepting server = new Accepting(backend, ends);
                Socket socket = new Socket()) {
            socket.connect(server.address());
            socket.setSoTimeout(10_000);
            assertThat(socket.getInputStream().read()).isNegative();
            socket.shutdownOutput();
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
