package dev.ugate.net;

import dev.ugate.model.Timeouts;
import dev.ugate.net.io.Sockets;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Last words to a peer: written, then this direction ends, then what the peer still sends is thrown away until it ends too. A plain
 * close would reset the connection once the peer sends more, and the peer would lose what the kernel holds for it. A slow reader gets all
 * that was written, here or in the kernel, while it takes something every {@code writeStall}.
 */
public final class Farewell extends ChannelInboundHandlerAdapter {
    /** How long a peer that has all of it may take to end: long enough for a round trip, short enough to hold nothing. */
    public static final long LINGER_MILLIS = 1_000;

    private final Channel channel;
    private final long stallMillis;
    private boolean peerEnded;
    private boolean said;
    private long before;
    private long quietMillis;
    private @Nullable Future<?> timer;

    private Farewell(Channel channel, boolean peerEnded, Duration stall) {
        this.channel = channel;
        this.peerEnded = peerEnded;
        this.stallMillis = stall.toMillis();
    }

    /** Takes {@code words}, which may be empty. */
    public static void say(Channel channel, ByteBuf words) {
        begin(channel, words, false);
    }

    /** The same to a peer that has ended, or whose own words are of no use: closed as soon as these are out. */
    public static void last(Channel channel, ByteBuf words) {
        begin(channel, words, true);
    }

    /** The same where all is written, with its {@code end} behind it; for a channel that is open. */
    static void said(Channel channel, ChannelFuture end, Duration stall) {
        new Farewell(channel, false, stall).await(end);
    }

    private static void begin(Channel channel, ByteBuf words, boolean peerEnded) {
        if (!channel.isActive()) {
            words.release();
            channel.close();
            return;
        }
        Duration stall = Connection.find(channel)
                .map(connection -> connection.ingress().settings().timeouts())
                .orElse(Timeouts.STANDARD)
                .writeStall();
        Farewell farewell = new Farewell(channel, peerEnded, stall);
        channel.write(words);
        farewell.await(channel.writeAndFlush(Fin.FIN));
    }

    private void await(ChannelFuture end) {
        channel.pipeline().addLast(this);
        channel.closeFuture().addListener(closed -> stop());
        end.addListener(this::said);
        channel.config().setAutoRead(true);
        if (!said) {
            before = queued();
            await();
        }
    }

    private void said(Future<?> end) {
        said = true;
        if (peerEnded || !end.isSuccess()) {
            channel.close();
        } else {
            await();
        }
    }

    private void await() {
        stop();
        timer = channel.eventLoop().schedule(this::late, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void late() {
        long held = Sockets.undelivered(channel);
        long now = queued() + held;
        quietMillis = now == before ? quietMillis + LINGER_MILLIS : 0;
        before = now;
        if (said && held == 0) {
            channel.close();
        } else if (quietMillis < stallMillis) {
            await();
        } else {
            Connection.find(channel)
                    .ifPresent(connection ->
                            connection.ingress().settings().journal().limited("writeStall"));
            // What is there may end in the middle, and must not look whole.
            Reset.close(channel);
        }
    }

    /** Changes whenever the bytes that wait for room in the kernel do. */
    private long queued() {
        return channel.bytesBeforeWritable() - channel.bytesBeforeUnwritable();
    }

    private void stop() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
        if (message instanceof Fin) {
            peerEnded = true;
            if (said) {
                channel.close();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        channel.close();
    }
}
