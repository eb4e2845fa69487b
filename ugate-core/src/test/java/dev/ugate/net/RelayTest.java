package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.model.Bytes;
import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.testing.Changed;
import dev.ugate.testing.Joined;
import dev.ugate.testing.Joined.Books;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RelayTest {
    private static final int MIB = 1 << 20;

    /** The largest read (see Reads), and what Netty adds for each pending buffer. */
    private static final long ONE_READ = MIB + 64 * 1024;

    private static Timeouts timeouts(Duration idle, Duration halfClosed, Duration writeStall) {
        Timeouts t = Timeouts.STANDARD;
        return new Timeouts(
                t.sniff(),
                t.sniffGrace(),
                t.handshake(),
                t.requestHead(),
                t.keepAlive(),
                t.resolve(),
                t.connect(),
                idle,
                halfClosed,
                writeStall,
                t.lameDuck(),
                t.drain(),
                t.exchange());
    }

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(400);

    private static Joined relayed(Loops.Backend backend, Timeouts timeouts) throws IOException {
        Joined joined = new Joined(backend, Limits.STANDARD);
        joined.onLoop(() -> Relay.join(joined.client, joined.upstream, timeouts, joined::ended)
                .start());
        return joined;
    }

    /** Written by a thread of its own, since nobody may read it for long. */
    private static CompletableFuture<Void> write(Socket socket, int bytes, boolean end) {
        return CompletableFuture.runAsync(() -> {
            try {
                OutputStream out = socket.getOutputStream();
                byte[] chunk = new byte[64 * 1024];
                for (int left = bytes; left > 0; left -= chunk.length) {
                    out.write(chunk, 0, Math.min(left, chunk.length));
                }
                if (end) {
                    socket.shutdownOutput();
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static long count(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] chunk = new byte[64 * 1024];
        long total = 0;
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            total += n;
        }
        return total;
    }

    /** The kernel takes little of what goes this way. */
    private static void narrow(Channel from, Socket to) throws IOException {
        from.config().setOption(ChannelOption.SO_SNDBUF, 4096);
        to.setReceiveBufferSize(4096);
    }

    private static long pending(Channel channel) {
        var waiting = channel.unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes();
    }

    private static void seesReset(Socket socket) {
        assertThatThrownBy(() -> count(socket))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void carriesBothWaysAndClosesBothAfterBothEnds(Loops.Backend backend) throws IOException {
        try (Joined joined = relayed(backend, Timeouts.STANDARD)) {
            var up = write(joined.clientEnd, 3 * MIB, true);
            assertThat(count(joined.serverEnd)).isEqualTo(3 * MIB);
            var down = write(joined.serverEnd, 2 * MIB, true);
            assertThat(count(joined.clientEnd)).isEqualTo(2 * MIB);
            assertThat(joined.over()).isEqualTo(new Books(3 * MIB, 2 * MIB, Optional.empty()));
            CompletableFuture.allOf(up, down).join();
            await().until(() -> !joined.client.isOpen() && !joined.upstream.isOpen());
        }
    }

    /** Both ends are read long before the bytes of one direction are written: closing then would lose them. */
    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void anEndOvertakesNoByteThatWaitsForASlowReader(Loops.Backend backend) throws IOException {
        try (Joined joined = relayed(backend, Timeouts.STANDARD)) {
            int size = 200 * 1024;
            narrow(joined.upstream, joined.serverEnd);
            var up = write(joined.clientEnd, size, true);
            await().until(((DuplexChannel) joined.client)::isInputShutdown);
            assertThat(pending(joined.upstream)).isGreaterThan(0);
            joined.serverEnd.shutdownOutput();
            assertThat(joined.clientEnd.getInputStream().read()).isEqualTo(-1);
            assertThat(count(joined.serverEnd)).isEqualTo(size);
            assertThat(joined.over().broken()).isEmpty();
            up.join();
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void stopsReadingWhileTheOtherSideIsSlow(Loops.Backend backend) throws IOException {
        try (Joined joined = relayed(backend, Timeouts.STANDARD)) {
            int size = 96 * MIB;
            // A read that io_uring already has with the kernel cannot be taken back, and it reads all of a peer that
            // ended.
            long reads = backend == Loops.Backend.IO_URING ? 8 : 1;
            AtomicLong most = new AtomicLong();
            var sampling = joined.client
                    .eventLoop()
                    .scheduleAtFixedRate(
                            () -> most.accumulateAndGet(pending(joined.upstream), Math::max),
                            0,
                            1,
                            TimeUnit.MILLISECONDS);
            var up = write(joined.clientEnd, size, true);
            await().until(() -> !joined.client.config().isAutoRead());
            assertThat(count(joined.serverEnd)).isEqualTo(size);
            up.join();
            sampling.cancel(false);
            assertThat(most.get())
                    .isGreaterThan(0)
                    .isLessThanOrEqualTo(Limits.STANDARD.relayBuffer().count() + reads * ONE_READ);
            joined.serverEnd.shutdownOutput();
            assertThat(joined.over().in()).isEqualTo(size);
        }
    }

    @ParameterizedTest
    @CsvSource({"EPOLL, true", "EPOLL, false", "IO_URING, true", "IO_URING, false", "NIO, true", "NIO, false"})
    void aBreakIsAResetOnTheOtherSide(Loops.Backend backend, boolean clientBreaks) throws IOException {
        try (Joined joined = relayed(backend, Timeouts.STANDARD)) {
            Socket breaks = clientBreaks ? joined.clientEnd : joined.serverEnd;
            Socket sees = clientBreaks ? joined.serverEnd : joined.clientEnd;
            breaks.getOutputStream().write(1);
            assertThat(sees.getInputStream().read()).isEqualTo(1);
            Joined.reset(breaks);
            seesReset(sees);
            assertThat(joined.over().broken())
                    .hasValueSatisfying(why -> assertThat(why.reason()).isEqualTo(Refusal.UNREACHABLE));
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aBreakAfterOneEndIsAReset(Loops.Backend backend) throws IOException {
        try (Joined joined = relayed(backend, Timeouts.STANDARD)) {
            joined.serverEnd.shutdownOutput();
            assertThat(joined.clientEnd.getInputStream().read()).isEqualTo(-1);
            joined.clientEnd.getOutputStream().write(1);
            assertThat(joined.serverEnd.getInputStream().read()).isEqualTo(1);
            Joined.reset(joined.clientEnd);
            seesReset(joined.serverEnd);
            assertThat(joined.over().broken()).isPresent();
        }
    }

    /** What was said to its end is whole: who said it may be gone before a slow reader has it. */
    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aBreakBehindAnEndOvertakesNoByteThatWaitsForASlowReader(Loops.Backend backend) throws IOException {
        try (Joined joined = relayed(backend, Timeouts.STANDARD)) {
            int size = 200 * 1024;
            narrow(joined.client, joined.clientEnd);
            write(joined.serverEnd, size, true).join();
            await().until(((DuplexChannel) joined.upstream)::isInputShutdown);
            assertThat(pending(joined.client)).isGreaterThan(0);
            Joined.reset(joined.serverEnd);
            joined.clientEnd.getOutputStream().write(1);
            await().until(() -> !joined.upstream.isOpen());
            assertThat(count(joined.clientEnd)).isEqualTo(size);
            assertThat(joined.over().broken()).isPresent();
            assertThat(joined.client.isOpen()).isFalse();
        }
    }

    @Test
    void aReaderThatStallsBehindABreakIsReset() throws IOException {
        try (Joined joined = relayed(Loops.Backend.EPOLL, timeouts(LONG, LONG, SHORT))) {
            narrow(joined.client, joined.clientEnd);
            write(joined.serverEnd, 200 * 1024, true).join();
            await().until(((DuplexChannel) joined.upstream)::isInputShutdown);
            Joined.reset(joined.serverEnd);
            joined.clientEnd.getOutputStream().write(1);
            await().until(() -> !joined.client.isOpen());
            seesReset(joined.clientEnd);
        }
    }

    @ParameterizedTest
    @EnumSource(Loops.Backend.class)
    void aBreakWhileBytesWaitIsAReset(Loops.Backend backend) throws IOException {
        try (Joined joined = relayed(backend, Timeouts.STANDARD)) {
            var up = write(joined.clientEnd, 64 * MIB, false);
            await().until(() -> !joined.client.config().isAutoRead());
            Joined.reset(joined.serverEnd);
            assertThatThrownBy(up::join).hasRootCauseInstanceOf(SocketException.class);
            assertThat(joined.over().broken()).isPresent();
        }
    }

    @Test
    void endsWhenNobodySaysAnything() throws IOException {
        try (Joined joined = relayed(Loops.Backend.EPOLL, timeouts(SHORT, LONG, LONG))) {
            timesOut(joined, "idle");
            seesReset(joined.clientEnd);
            seesReset(joined.serverEnd);
        }
    }

    @Test
    void endsWhenOneSideEndedAndTheOtherIsSilent() throws IOException {
        try (Joined joined = relayed(Loops.Backend.EPOLL, timeouts(LONG, SHORT, LONG))) {
            joined.clientEnd.shutdownOutput();
            assertThat(joined.serverEnd.getInputStream().read()).isEqualTo(-1);
            timesOut(joined, "halfClosed");
            seesReset(joined.clientEnd);
        }
    }

    @Test
    void endsWhenAReaderStalls() throws IOException {
        try (Joined joined = relayed(Loops.Backend.EPOLL, timeouts(LONG, LONG, SHORT))) {
            var up = write(joined.clientEnd, 64 * MIB, false);
            timesOut(joined, "writeStall");
            assertThatThrownBy(up::join).hasRootCauseInstanceOf(SocketException.class);
        }
    }

    private static void timesOut(Joined joined, String limit) {
        assertThat(joined.over().broken()).hasValueSatisfying(why -> {
            assertThat(why.reason()).isEqualTo(Refusal.TIMED_OUT);
            assertThat(why.text()).isEqualTo("relay: limit " + limit + ": no byte for 400ms");
        });
    }

    @Test
    void bytesKeepAHalfClosedPairAlive() throws IOException {
        Duration limit = Duration.ofSeconds(2);
        try (Joined joined = relayed(Loops.Backend.EPOLL, timeouts(LONG, limit, LONG))) {
            joined.clientEnd.shutdownOutput();
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < limit.multipliedBy(2).toNanos()) {
                joined.serverEnd.getOutputStream().write(1);
                assertThat(joined.clientEnd.getInputStream().read()).isEqualTo(1);
                LockSupport.parkNanos(10_000_000);
            }
            joined.serverEnd.shutdownOutput();
            assertThat(joined.over().broken()).isEmpty();
        }
    }

    /** A reader that takes a little now and then is slow, not stalled, though the relay reads nothing meanwhile. */
    @Test
    void pendingBytesThatGoOutAreProgress() throws IOException {
        Duration limit = Duration.ofSeconds(2);
        try (Joined joined = relayed(Loops.Backend.EPOLL, timeouts(LONG, limit, limit))) {
            var up = write(joined.clientEnd, 24 * MIB, true);
            byte[] chunk = new byte[MIB];
            for (int read = 0; read < 24 * MIB; ) {
                LockSupport.parkNanos(limit.toNanos() / 12);
                read += joined.serverEnd.getInputStream().readNBytes(chunk, 0, MIB);
            }
            assertThat(joined.serverEnd.getInputStream().read()).isEqualTo(-1);
            joined.serverEnd.shutdownOutput();
            assertThat(joined.over().broken()).isEmpty();
            up.join();
        }
    }

    /** Bytes replayed before the start may already be too many; the start must not undo the pause. */
    @Test
    void startKeepsADirectionPausedThatIsFull() throws IOException {
        try (Joined joined = new Joined(Loops.Backend.EPOLL, limits(Bytes.kib(64)))) {
            int early = 8 * MIB;
            joined.onLoop(() -> {
                Relay.Pair pair = Relay.join(joined.client, joined.upstream, Timeouts.STANDARD, joined::ended);
                ByteBuf bytes = joined.client.alloc().buffer(early).writeZero(early);
                joined.client.pipeline().fireChannelRead(bytes);
                joined.client.pipeline().fireChannelReadComplete();
                assertThat(pending(joined.upstream)).isGreaterThan(64 * 1024);
                pair.start();
                assertThat(joined.client.config().isAutoRead()).isFalse();
                assertThat(joined.upstream.config().isAutoRead()).isTrue();
            });
            joined.clientEnd.shutdownOutput();
            assertThat(count(joined.serverEnd)).isEqualTo(early);
        }
    }

    private static Limits limits(Bytes relayBuffer) {
        return Changed.of(Limits.STANDARD, Map.of("relayBuffer", relayBuffer));
    }

    @Test
    void aPairOfWhichOneIsClosedAlreadyIsOver() throws IOException {
        try (Joined joined = new Joined(Loops.Backend.EPOLL, Limits.STANDARD)) {
            joined.upstream.close().awaitUninterruptibly();
            joined.onLoop(() -> Relay.join(joined.client, joined.upstream, Timeouts.STANDARD, joined::ended)
                    .start());
            assertThat(joined.over().broken())
                    .hasValueSatisfying(why -> assertThat(why.text()).isEqualTo("relay: upstream went away"));
            seesReset(joined.clientEnd);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBreakNamesItsSide(boolean ofClient) throws IOException {
        try (Joined joined = new Joined(Loops.Backend.EPOLL, Limits.STANDARD)) {
            joined.onLoop(() -> {
                Relay.join(joined.client, joined.upstream, Timeouts.STANDARD, joined::ended)
                        .start();
                Channel broken = ofClient ? joined.client : joined.upstream;
                broken.pipeline().fireExceptionCaught(new ClosedChannelException());
            });
            assertThat(joined.over().broken())
                    .hasValueSatisfying(why -> assertThat(why.text())
                            .isEqualTo("relay: " + (ofClient ? "client" : "upstream") + ": connection closed"));
        }
    }

    @Test
    void whoKnowsWhyItClosesTellsTheBooks() throws IOException {
        try (Joined joined = new Joined(Loops.Backend.EPOLL, Limits.STANDARD)) {
            joined.onLoop(() -> {
                Relay.join(joined.client, joined.upstream, Timeouts.STANDARD, joined::ended)
                        .start();
                Relay.cut(joined.upstream, Refused.because(Refusal.UNREACHABLE, "upstream: broke its word"));
            });
            assertThat(joined.over().broken())
                    .hasValueSatisfying(why -> assertThat(why.text()).isEqualTo("upstream: broke its word"));
            seesReset(joined.clientEnd);
        }
    }

    @Test
    void oneWayTellsItsEndAndLeavesTheOtherDirection() throws IOException {
        try (Joined joined = new Joined(Loops.Backend.EPOLL, Limits.STANDARD)) {
            CompletableFuture<Books> back = new CompletableFuture<>();
            joined.onLoop(() -> Relay.oneWay(joined.client, joined.upstream, Timeouts.STANDARD, joined::ended));
            joined.serverEnd.getOutputStream().write(new byte[3]);
            joined.clientEnd.getOutputStream().write(new byte[5]);
            joined.clientEnd.shutdownOutput();
            assertThat(joined.over()).isEqualTo(new Books(0, 5, Optional.empty()));
            assertThat(count(joined.serverEnd)).isEqualTo(5);
            assertThat(joined.upstream.config().isAutoRead()).isFalse();
            joined.onLoop(() -> Relay.oneWay(
                    joined.upstream,
                    joined.client,
                    Timeouts.STANDARD,
                    (in, out, broken) -> back.complete(new Books(in, out, broken))));
            // Only now: epoll reads a socket that ended to its end, whether somebody reads it or not.
            joined.serverEnd.shutdownOutput();
            assertThat(count(joined.clientEnd)).isEqualTo(3);
            assertThat(back.join()).isEqualTo(new Books(5, 3, Optional.empty()));
            await().until(() -> !joined.client.isOpen() && !joined.upstream.isOpen());
        }
    }

    @Test
    void aReplyThatBreaksIsTheUpstreamsFault() throws IOException {
        try (Joined joined = new Joined(Loops.Backend.EPOLL, Limits.STANDARD)) {
            joined.onLoop(() -> Relay.oneWay(joined.upstream, joined.client, Timeouts.STANDARD, joined::ended));
            joined.onLoop(() -> joined.upstream.close());
            assertThat(joined.over().broken())
                    .hasValueSatisfying(why -> assertThat(why.text()).isEqualTo("relay: upstream went away"));
        }
    }

    @Test
    void aReplyThatNobodyWaitsForIsTheClientsDoing() throws IOException {
        try (Joined joined = new Joined(Loops.Backend.EPOLL, Limits.STANDARD)) {
            joined.onLoop(() -> Relay.oneWay(joined.upstream, joined.client, Timeouts.STANDARD, joined::ended));
            joined.onLoop(() -> joined.client.close());
            assertThat(joined.over().broken())
                    .hasValueSatisfying(why -> assertThat(why.text()).isEqualTo("relay: client went away"));
        }
    }

    @Test
    void oneWayTellsABreakEvenWhenItCameBefore() throws IOException {
        try (Joined joined = new Joined(Loops.Backend.EPOLL, Limits.STANDARD)) {
            joined.onLoop(() -> Relay.oneWay(joined.client, joined.upstream, Timeouts.STANDARD));
            Joined.reset(joined.clientEnd);
            seesReset(joined.serverEnd);
            await().until(() -> !joined.upstream.isOpen());
            joined.onLoop(() -> Relay.oneWay(joined.upstream, joined.client, Timeouts.STANDARD, joined::ended));
            assertThat(joined.over().broken()).isPresent();
        }
    }
}
