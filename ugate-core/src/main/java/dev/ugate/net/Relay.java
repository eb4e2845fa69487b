package dev.ugate.net;

import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.net.io.Reads;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one copier: joins two channels of one event loop, one instance at the end of each pipeline. Reading stops while the other side
 * cannot take more; both close once both directions ended; a break on one side is a reset on the other, never a clean end, and comes
 * behind what that side had said to its end.
 */
public final class Relay extends ChannelInboundHandlerAdapter {
    final Channel own;
    private final Channel peer;
    private final Watch watch;
    private @Nullable Ending onEnd;
    private boolean reads;
    boolean paused;
    long bytes;

    /** That of the {@link Fin} that was passed on. */
    @Nullable
    ChannelFuture end;

    Relay(Channel own, Channel peer, Watch watch) {
        this.own = own;
        this.peer = peer;
        this.watch = watch;
        Reads.pace(own, peer);
    }

    /** Whether this direction ends; its last bytes may still wait for a slow reader. */
    boolean ends() {
        return end != null;
    }

    /** Whether all of this direction went out. */
    boolean ended() {
        return end != null && end.isSuccess();
    }

    /** Whether somebody has to take something before this direction goes on, or is over. */
    boolean waits() {
        return paused || end != null && !end.isDone();
    }

    /** Is told once when a joined pair is over. */
    @FunctionalInterface
    public interface Ending {
        /** {@code broken} says why the pair did not end cleanly. */
        void ended(long bytesIn, long bytesOut, Optional<Refused> broken);
    }

    /** A pair whose two ends are installed but do not read yet. */
    public static final class Pair {
        private final Watch watch;

        private Pair(Watch watch) {
            this.watch = watch;
        }

        /** Starts both directions. */
        public void start() {
            watch.client.read();
            watch.upstream.read();
        }

        /** The loop that both ends live on; on any thread. */
        public EventLoop loop() {
            return watch.client.own.eventLoop();
        }

        /** Where the upstream is, as far as its channel knows. */
        public Optional<SocketAddress> upstream() {
            return Optional.ofNullable(watch.upstream.own.remoteAddress());
        }

        /** How long the pair may be without a byte when nothing is short. */
        public Duration idleLimit() {
            return watch.idleLimit();
        }

        /** Nanoseconds since a byte was read; on the pair's loop. */
        public long quietNanos() {
            return watch.quietNanos();
        }

        /** Bytes that wait for a reader; on the pair's loop. */
        public long waiting() {
            return waiting(watch.client.own) + waiting(watch.upstream.own);
        }

        private static long waiting(Channel channel) {
            if (channel instanceof ForeignChannel foreign) {
                return foreign.pending();
            }
            ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
            return out == null ? 0 : out.totalPendingWriteBytes();
        }

        /** Breaks both ends, which tells the {@link Ending}; on the pair's loop. */
        public void cut(Refused why) {
            watch.cut(why);
        }
    }

    /**
     * Installs both ends as the last handlers; call {@link Pair#start} when the client was told yes. Deadlines: {@code idle} without
     * a byte, {@code halfClosed} after one end, {@code writeStall} without progress of pending bytes.
     */
    public static Pair join(Channel client, Channel upstream, Timeouts timeouts, Ending ending) {
        return new Pair(install(client, upstream, timeouts, true, ending));
    }

    /**
     * Starts one direction between two channels; the other direction may be started by a call of its own. A request's end says nothing of
     * its reply, which may be silent for long: the deadlines of exchanges bound that, here {@code idle} and {@code writeStall}.
     */
    public static void oneWay(Channel from, Channel to, Timeouts timeouts) {
        between(from, to, timeouts).read();
    }

    /**
     * The same for a reply, from upstream to client, and tells when this direction is over: its {@link Fin} was written, or one of the
     * channels broke before. {@code bytesIn} is what the other direction carried so far, {@code bytesOut} what this one did.
     */
    public static void oneWay(Channel from, Channel to, Timeouts timeouts, Ending ending) {
        if (from instanceof ForeignChannel source && source.isWhole() && to.isActive()) {
            handOver(source, to, timeouts, ending);
            return;
        }
        Relay relay = back(from, to, timeouts);
        relay.onEnd = ending;
        if (relay.watch.over() || relay.ended()) {
            relay.over(relay.watch.broken());
        } else {
            relay.read();
        }
    }

    /** Takes {@code from} out of the relay that it began, if it did: it is neither closed with the other side nor read any more. */
    public static void part(Channel from) {
        Relay relay = from.pipeline().get(Relay.class);
        if (relay != null) {
            relay.watch.part();
        }
    }

    /** The channel is about to close: its relay, if it has one, hears {@code why}. */
    public static void cut(Channel channel, Refused why) {
        Relay relay = channel.pipeline().get(Relay.class);
        if (relay != null) {
            relay.watch.gone(relay, why);
        }
    }

    /** What is here to its end needs nobody who waits for more; only what cannot go out at once is watched. */
    private static void handOver(ForeignChannel from, Channel to, Timeouts timeouts, Ending ending) {
        long bytes = 0;
        Object message = from.take();
        while (message instanceof ByteBuf part) {
            bytes += part.readableBytes();
            to.write(part, to.voidPromise());
            message = from.take();
        }
        ChannelFuture end = to.writeAndFlush(message);
        if (end.isSuccess()) {
            from.close();
            ending.ended(0, bytes, Optional.empty());
            return;
        }
        Relay relay = install(to, from, timeouts, false, (in, out, broken) -> {}).upstream;
        relay.bytes = bytes;
        relay.onEnd = ending;
        relay.end = end;
        end.addListener(relay::finished);
    }

    private static Relay between(Channel from, Channel to, Timeouts timeouts) {
        Relay relay = from.pipeline().get(Relay.class);
        return relay != null && relay.peer.equals(to)
                ? relay
                : install(from, to, timeouts, false, (in, out, broken) -> {}).client;
    }

    /** A reply's direction: what it comes from is the upstream, also where the request needed no relay. */
    private static Relay back(Channel from, Channel to, Timeouts timeouts) {
        Relay relay = from.pipeline().get(Relay.class);
        return relay != null && relay.peer.equals(to)
                ? relay
                : install(to, from, timeouts, false, (in, out, broken) -> {}).upstream;
    }

    private static Watch install(Channel a, Channel b, Timeouts timeouts, boolean joined, Ending ending) {
        assert a.eventLoop().equals(b.eventLoop()) : "a relay lives on one loop";
        Watch watch = new Watch(a, b, timeouts, joined, ending);
        a.pipeline().addLast(watch.client);
        b.pipeline().addLast(watch.upstream);
        watch.begin();
        return watch;
    }

    /** Said without the look at annotations that Netty would do for each instance. */
    @Override
    public boolean isSharable() {
        return false;
    }

    private void read() {
        reads = true;
        if (!paused) {
            own.config().setAutoRead(true);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Fin) {
            finish(message);
        } else if (ends() || isDeaf(peer)) {
            ReferenceCountUtil.release(message);
        } else {
            bytes += ((ByteBuf) message).readableBytes();
            watch.touch();
            peer.write(message, peer.voidPromise());
            if (!peer.isWritable()) {
                peer.flush();
                pauseUnlessWritable();
            }
        }
    }

    private void pauseUnlessWritable() {
        if (!peer.isWritable() && !paused && !isDeaf(peer)) {
            paused = true;
            own.config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        peer.flush();
    }

    /**
     * Whether its peer left, though not all may have been read of what that said before. Nothing is held back for it: the other side may
     * have to say all before it reads.
     */
    private static boolean isDeaf(Channel channel) {
        return !channel.isActive()
                || !(channel instanceof ForeignChannel) && channel.unsafe().outboundBuffer() == null;
    }

    /** Our own channel drained, or takes nothing more: the opposite direction may read again. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Relay source = watch.opposite(this);
        if (source.paused && (own.isWritable() || isDeaf(own))) {
            source.paused = false;
            watch.touch();
            if (source.reads) {
                source.own.config().setAutoRead(true);
            }
        }
    }

    private void finish(Object fin) {
        if (ends()) {
            return;
        }
        watch.touch();
        ChannelPromise passed = peer.newPromise();
        end = passed;
        if (peer.isActive()) {
            passed.addListener(this::finished);
            peer.writeAndFlush(fin, passed);
        }
    }

    private void finished(Future<?> written) {
        if (written.isSuccess()) {
            over(Optional.empty());
            watch.closeIfOver();
        } else if (!watch.over()) {
            Relay there = watch.opposite(this);
            watch.broke(there, Failures.refused(written.cause()).in(watch.name(there)));
        }
    }

    void over(Optional<Refused> broken) {
        Ending ending = onEnd;
        if (ending != null) {
            onEnd = null;
            ending.ended(watch.opposite(this).bytes, bytes, broken);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        watch.gone(this, null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        watch.broke(this, Failures.refused(cause).in(watch.name(this)));
    }
}
