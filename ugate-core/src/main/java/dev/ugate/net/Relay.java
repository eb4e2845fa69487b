package dev.ugate.net;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.net.io.Reads;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one copier: joins two channels of one event loop, one instance at the end of each pipeline. Reading stops while the other side
 * cannot take more; both close once both directions ended; a break on one side is a reset on the other, never a clean end.
 */
public final class Relay extends ChannelInboundHandlerAdapter {
    private static final String CLIENT = "relay: client";
    private static final String UPSTREAM = "relay: upstream";

    // Spelled out: each request without a body ends so, and nobody hears why.
    private static final String CLIENT_LEFT = CLIENT + " went away";
    private static final String UPSTREAM_LEFT = UPSTREAM + " went away";

    private final Channel own;
    private final Channel peer;
    private final Watch watch;
    private @Nullable Ending onEnd;
    private boolean reads;
    private boolean paused;
    private Progress progress = Progress.CARRIES;
    private long bytes;

    private Relay(Channel own, Channel peer, Watch watch) {
        this.own = own;
        this.peer = peer;
        this.watch = watch;
        Reads.pace(own, peer);
    }

    /** How far one direction is; between the last two its bytes may still wait for a slow reader. */
    private enum Progress {
        CARRIES,
        ENDS,
        ENDED
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
            return watch.timeouts.idle();
        }

        /** Nanoseconds since a byte was read; on the pair's loop. */
        public long quietNanos() {
            return System.nanoTime() - watch.touched;
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
            watch.broke(why);
        }
    }

    /**
     * Installs both ends as the last handlers; call {@link Pair#start} when the client was told yes. Deadlines: {@code idle} without
     * a byte, {@code halfClosed} after one end, {@code writeStall} without progress of pending bytes.
     */
    public static Pair join(Channel client, Channel upstream, Timeouts timeouts, Ending ending) {
        return new Pair(install(client, upstream, timeouts, ending));
    }

    /** Starts one direction between two channels; the other direction may be started by a call of its own. */
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
        if (relay.watch.over() || relay.progress == Progress.ENDED) {
            relay.over(Optional.ofNullable(relay.watch.broken));
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
        Relay relay = install(to, from, timeouts, (in, out, broken) -> {}).upstream;
        relay.bytes = bytes;
        relay.progress = Progress.ENDS;
        relay.onEnd = ending;
        end.addListener(relay::finished);
    }

    private static Relay between(Channel from, Channel to, Timeouts timeouts) {
        Relay relay = from.pipeline().get(Relay.class);
        return relay != null && relay.peer.equals(to)
                ? relay
                : install(from, to, timeouts, (in, out, broken) -> {}).client;
    }

    /** A reply's direction: what it comes from is the upstream, also where the request needed no relay. */
    private static Relay back(Channel from, Channel to, Timeouts timeouts) {
        Relay relay = from.pipeline().get(Relay.class);
        return relay != null && relay.peer.equals(to)
                ? relay
                : install(to, from, timeouts, (in, out, broken) -> {}).upstream;
    }

    private static Watch install(Channel a, Channel b, Timeouts timeouts, Ending ending) {
        assert a.eventLoop().equals(b.eventLoop()) : "a relay lives on one loop";
        Watch watch = new Watch(a, b, timeouts, ending);
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
        } else if (progress != Progress.CARRIES || !peer.isActive()) {
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
        if (!peer.isWritable() && !paused) {
            paused = true;
            own.config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        peer.flush();
    }

    /** Our own channel drained: the opposite direction may read again. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Relay source = watch.opposite(this);
        if (source.paused && own.isWritable()) {
            source.paused = false;
            watch.touch();
            if (source.reads) {
                source.own.config().setAutoRead(true);
            }
        }
    }

    private void finish(Object fin) {
        if (progress != Progress.CARRIES) {
            return;
        }
        progress = Progress.ENDS;
        watch.touch();
        if (peer.isActive()) {
            peer.writeAndFlush(fin).addListener(this::finished);
        }
    }

    private void finished(Future<?> written) {
        if (written.isSuccess()) {
            progress = Progress.ENDED;
            over(Optional.empty());
            watch.closeIfOver();
        } else if (!watch.over()) {
            watch.broke(Failures.refused(written.cause()).in(watch.name(watch.opposite(this))));
        }
    }

    private void over(Optional<Refused> broken) {
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
        watch.broke(Failures.refused(cause).in(watch.name(this)));
    }

    /** What the two directions share: the clock, the end, and the books. */
    private static final class Watch implements Runnable {
        private final Relay client;
        private final Relay upstream;
        private final Timeouts timeouts;
        private @Nullable Ending ending;
        private @Nullable Future<?> timer;
        private @Nullable Refused broken;
        private long touched = System.nanoTime();
        private long pending;
        private boolean kept;

        Watch(Channel client, Channel upstream, Timeouts timeouts, Ending ending) {
            this.timeouts = timeouts;
            this.ending = ending;
            this.client = new Relay(client, upstream, this);
            this.upstream = new Relay(upstream, client, this);
        }

        /** Which of the two it is, as errors begin. */
        String name(Relay side) {
            return side == client ? CLIENT : UPSTREAM;
        }

        Relay opposite(Relay side) {
            return side == client ? upstream : client;
        }

        void begin() {
            pending = pending();
            schedule(timeouts.idle());
            // A channel that closed before its relay came has told nobody.
            if (!client.own.isOpen()) {
                client.own.eventLoop().execute(() -> gone(client, null));
            } else if (!upstream.own.isOpen()) {
                client.own.eventLoop().execute(() -> gone(upstream, null));
            }
        }

        void touch() {
            touched = System.nanoTime();
        }

        boolean over() {
            return ending == null;
        }

        /** No later than the shorter limits could pass, so that no timer has to be moved when one of them begins to count. */
        private void schedule(Duration limit) {
            long wait = limit.toNanos() - (System.nanoTime() - touched);
            long soonest = Math.min(
                    timeouts.writeStall().toNanos(), timeouts.halfClosed().toNanos());
            timer = client.own.eventLoop().schedule(this, Math.min(Math.max(wait, 0), soonest), TimeUnit.NANOSECONDS);
        }

        @Override
        public void run() {
            if (!kept) {
                kept = true;
                Sockets.keepAlive(client.own);
                Sockets.keepAlive(upstream.own);
            }
            // A slow reader that still takes bytes makes progress, though nothing new was read for it.
            long now = pending();
            if (now != pending) {
                pending = now;
                touch();
            }
            Duration limit = limit();
            if (System.nanoTime() - touched >= limit.toNanos()) {
                broke(Refused.because(
                        Refusal.TIMED_OUT, "relay: limit " + bound() + ": no byte for " + limit.toMillis() + "ms"));
            } else {
                schedule(limit);
            }
        }

        /** Changes whenever the bytes that wait for a reader do. */
        private long pending() {
            return pending(client.own) + pending(upstream.own);
        }

        private static long pending(Channel channel) {
            return channel.bytesBeforeWritable() - channel.bytesBeforeUnwritable();
        }

        private Duration limit() {
            return switch (bound()) {
                case "halfClosed" -> timeouts.halfClosed();
                case "writeStall" -> timeouts.writeStall();
                default -> timeouts.idle();
            };
        }

        /** The key of the deadline that holds now. */
        private String bound() {
            if (client.progress != Progress.CARRIES || upstream.progress != Progress.CARRIES) {
                return "halfClosed";
            }
            return client.paused || upstream.paused ? "writeStall" : "idle";
        }

        void closeIfOver() {
            if (client.progress == Progress.ENDED && upstream.progress == Progress.ENDED) {
                client.own.close();
                upstream.own.close();
            }
        }

        /** One channel is closed: fine when it had said everything and was told everything, a break otherwise. */
        void gone(Relay side, @Nullable Refused why) {
            if (over()) {
                return;
            }
            if (side.progress == Progress.CARRIES || opposite(side).progress != Progress.ENDED) {
                String text = side == client ? CLIENT_LEFT : UPSTREAM_LEFT;
                broke(why == null ? Refused.because(Refusal.UNREACHABLE, text) : why);
            } else if (side.progress == Progress.ENDED) {
                finishBooks();
            }
        }

        void broke(Refused why) {
            if (broken == null && !over()) {
                broken = why;
            }
            Reset.close(client.own);
            Reset.close(upstream.own);
            finishBooks();
        }

        /** The two sides have nothing to do with each other any more. */
        void part() {
            ending = null;
            stop();
            client.own.config().setAutoRead(false);
            leave(client);
            leave(upstream);
        }

        private static void leave(Relay side) {
            if (side.own.pipeline().context(side) != null) {
                side.own.pipeline().remove(side);
            }
        }

        private void stop() {
            if (timer != null) {
                timer.cancel(false);
            }
        }

        private void finishBooks() {
            Ending last = ending;
            if (last == null) {
                return;
            }
            ending = null;
            stop();
            client.over(Optional.ofNullable(broken));
            upstream.over(Optional.ofNullable(broken));
            last.ended(client.bytes, upstream.bytes, Optional.ofNullable(broken));
        }
    }
}
