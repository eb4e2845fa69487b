package dev.ugate.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what arrives until it is released, then replays it in order. Needed wherever nobody reads yet: a socket whose peer ended is
 * read to its end even with autoRead off.
 */
public final class Hold extends ChannelInboundHandlerAdapter {
    private @Nullable ArrayDeque<Object> kept;

    private Hold() {}

    /** Holds back what the channel reads from now on. */
    public static Hold on(Channel channel) {
        Hold hold = new Hold();
        channel.pipeline().addLast(hold);
        return hold;
    }

    /** Removes itself and replays to the handlers behind it. */
    public void release(Channel channel) {
        channel.pipeline().remove(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (kept == null) {
            kept = new ArrayDeque<>(4);
        }
        kept.add(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        // Nothing was passed on that could be complete.
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (kept == null) {
            return;
        }
        for (Object message = kept.poll(); message != null; message = kept.poll()) {
            if (ctx.channel().isActive()) {
                ctx.fireChannelRead(message);
            } else {
                ReferenceCountUtil.release(message);
            }
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
