package dev.ugate.net;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one copier: joins two channels of one event loop, one instance at the end of each pipeline. Reading stops while the other side
 * cannot take more; both close once both directions ended; a break on one side is a reset on the other, never a clean end.
 */
public final class Relay extends ChannelInboundHandlerAdapter {
    private final Channel own;
    private final Channel peer;
    private final Watch watch;
    private @Nullable Relay opposite;
    private @Nullable Ending onEnd;
    private boolean paused;
    private boolean ended;
    private long bytes;

    private Relay(Channel own, Channel peer, Watch watch) {
        this.own = own;
        this.peer = peer;
        this.watch = watch;
    }

    /** Is told once when a joined pair is over. */
    @FunctionalInterface
    public interface Ending {
        /** {@code broken} says why the pair did not end cleanly. */
        void ended(long bytesIn, long bytesOut, Optional<Refused> broken);
    }

    /** A pair whose two ends are installed but do not read yet. */
    public record Pair(Channel client, Channel upstream) {
        /** Starts both directions. */
        public void start() {
            of(client).read();
            of(upstream).read();
        }
    }

    /**
     * Installs both ends as the last handlers; call {@link Pair#start} when the client was told yes. Deadlines: {@code idle} without
     * a byte, {@code halfClosed} after one end, {@code writeStall} without progress of pending bytes.
     */
    public static Pair join(Channel client, Channel upstream, Timeouts timeouts, Ending ending) {
        install(client, upstream, new Watch(client, upstream, timeouts, ending));
        return new Pair(client, upstream);
    }

    /** Starts one direction between two channels; the other direction may be started by a call of its own. */
    public static void oneWay(Channel from, Channel to, Timeouts timeouts) {
        Relay relay = from.pipeline().get(Relay.class);
        if (relay == null || relay.peer != to) {
            install(from, to, new Watch(from, to, timeouts, (in, out, broken) -> {}));
        }
        of(from).read();
    }

    /**
     * The same, and tells when this direction is over: its {@link Fin} was written, or one of the channels broke before. {@code bytesIn}
     * is what the other direction carried so far, {@code bytesOut} what this one did.
     */
    public static void oneWay(Channel from, Channel to, Timeouts timeouts, Ending ending) {
        oneWay(from, to, timeouts);
        of(from).onEnd = ending;
    }

    private static void install(Channel a, Channel b, Watch watch) {
        assert a.eventLoop() == b.eventLoop() : "a relay lives on one loop";
        watch.client.opposite = watch.upstream;
        watch.upstream.opposite = watch.client;
        a.pipeline().addLast(watch.client);
        b.pipeline().addLast(watch.upstream);
        watch.begin();
    }

    private static Relay of(Channel channel) {
        return channel.pipeline().get(Relay.class);
    }

    private void read() {
        own.config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Fin) {
            finish(message);
        } else if (ended || !peer.isActive()) {
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
        Relay source = opposite;
        if (source != null && source.paused && own.isWritable()) {
            source.paused = false;
            watch.touch();
            source.own.config().setAutoRead(true);
        }
    }

    private void finish(Object fin) {
        if (ended) {
            return;
        }
        ended = true;
        watch.halfClosed();
        if (peer.isActive()) {
            peer.writeAndFlush(fin).addListener(written -> {
                if (written.isSuccess()) {
                    over(Optional.empty());
                }
                watch.closeIfOver();
            });
        } else {
            watch.closeIfOver();
        }
    }

    private void over(Optional<Refused> broken) {
        Ending ending = onEnd;
        if (ending != null) {
            onEnd = null;
            ending.ended(opposite == null ? 0 : opposite.bytes, bytes, broken);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        watch.gone(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        watch.broke(Failures.refused(cause));
    }

    /** What the two directions share: the clock, the end, and the books. */
    private static final class Watch implements Runnable {
        private final Channel clientChannel;
        private final Channel upstreamChannel;
        private final Timeouts timeouts;
        private final Ending ending;
        private final Relay client;
        private final Relay upstream;
        private @Nullable Future<?> timer;
        private @Nullable Refused broken;
        private long touched = System.nanoTime();
        private long pending;
        private boolean kept;
        private boolean over;

        Watch(Channel client, Channel upstream, Timeouts timeouts, Ending ending) {
            this.clientChannel = client;
            this.upstreamChannel = upstream;
            this.client = new Relay(client, upstream, this);
            this.upstream = new Relay(upstream, client, this);
            this.timeouts = timeouts;
            this.ending = ending;
        }

        void begin() {
            schedule(timeouts.idle());
        }

        void touch() {
            touched = System.nanoTime();
        }

        private void schedule(Duration limit) {
            if (timer != null) {
                timer.cancel(false);
            }
            long wait = limit.toNanos() - (System.nanoTime() - touched);
            long tick = Math.min(Math.max(wait, 0), timeouts.writeStall().toNanos());
            timer = clientChannel.eventLoop().schedule(this, tick, TimeUnit.NANOSECONDS);
        }

        @Override
        public void run() {
            if (!kept) {
                kept = true;
                Sockets.keepAlive(clientChannel);
                Sockets.keepAlive(upstreamChannel);
            }
            // A slow reader that still takes bytes makes progress, though nothing new was read for it.
            long now = clientChannel.bytesBeforeWritable() + upstreamChannel.bytesBeforeWritable();
            if (now != pending) {
                pending = now;
                touch();
            }
            Duration limit = limit();
            if (System.nanoTime() - touched >= limit.toNanos()) {
                broke(Refused.because(Refusal.TIMED_OUT, "relay: no byte for " + limit.toSeconds() + "s"));
            } else {
                schedule(limit);
            }
        }

        private Duration limit() {
            if (client.ended || upstream.ended) {
                return timeouts.halfClosed();
            }
            return client.paused || upstream.paused ? timeouts.writeStall() : timeouts.idle();
        }

        void halfClosed() {
            touch();
            if (!over) {
                schedule(timeouts.halfClosed());
            }
        }

        void closeIfOver() {
            if (client.ended && upstream.ended) {
                clientChannel.close();
                upstreamChannel.close();
            }
        }

        /** One channel is closed: fine after both ended, a break otherwise. */
        void gone(Relay side) {
            if (!(client.ended && upstream.ended)) {
                String who = side == client ? "client" : "upstream";
                broke(Refused.because(Refusal.UNREACHABLE, "relay: " + who + " went away"));
            } else {
                finishBooks();
            }
        }

        void broke(Refused why) {
            if (broken == null && !over) {
                broken = why;
            }
            Reset.close(clientChannel);
            Reset.close(upstreamChannel);
            finishBooks();
        }

        private void finishBooks() {
            if (over) {
                return;
            }
            over = true;
            if (timer != null) {
                timer.cancel(false);
            }
            client.over(Optional.ofNullable(broken));
            upstream.over(Optional.ofNullable(broken));
            ending.ended(client.bytes, upstream.bytes, Optional.ofNullable(broken));
        }
    }
}
