package dev.ugate.net;

import dev.ugate.spi.Fin;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Keeps what a channel read before its reader is there: a server may speak in the same packet that completes a handshake, and a socket
 * whose peer ended is read to its end even with autoRead off. The first read request after that hands everything on, in order, and
 * removes the handler.
 */
public final class EarlyReads extends ChannelDuplexHandler {
    private final Queue<Object> kept = new ArrayDeque<>(2);
    private boolean open;
    private boolean draining;

    /** Keeps from now on what the channel reads, whose autoRead must be off; its next read request comes from the reader. */
    public static void on(Channel channel) {
        EarlyReads early = new EarlyReads();
        channel.pipeline().addLast(early);
        early.open();
    }

    /** The handshake is over: the next read request comes from the reader. */
    public void open() {
        open = true;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        kept.add(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        // Nobody read anything yet.
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (!open) {
            ctx.read();
        } else if (kept.isEmpty()) {
            ctx.pipeline().remove(this);
            ctx.read();
        } else if (!draining) {
            // Not now: the reader is still being started, and would be entered again from its own call.
            draining = true;
            ctx.executor().execute(() -> drain(ctx));
        }
    }

    /** An end that is written must not overtake what was read: the second end of a socket closes it (see DuplexFin). */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof Fin && open && !kept.isEmpty()) {
            drain(ctx);
        }
        ctx.write(message, promise);
    }

    private void drain(ChannelHandlerContext ctx) {
        if (ctx.isRemoved()) {
            return;
        }
        for (Object message = kept.poll(); message != null; message = kept.poll()) {
            ctx.fireChannelRead(message);
        }
        ctx.fireChannelReadComplete();
        if (!ctx.isRemoved()) {
            ctx.pipeline().remove(this);
            if (ctx.channel().config().isAutoRead()) {
                ctx.read();
            }
        }
    }

    /** Nobody is there to hear of a break; without the close, the end that Netty reports after it would look clean. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (open) {
            ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        for (Object message = kept.poll(); message != null; message = kept.poll()) {
            ReferenceCountUtil.release(message);
        }
    }
}
