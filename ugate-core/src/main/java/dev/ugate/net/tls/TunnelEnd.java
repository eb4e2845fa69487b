package dev.ugate.net.tls;

import dev.ugate.net.Farewell;
import dev.ugate.net.Reset;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Closes a tunnel as a socket is closed: this direction ends, and the rest is let go of once the peer's has ended too, or after a while. A
 * plain close of a tunnel is a reset, and whoever stands between would take it for a failure. It belongs below a layer that tells an end
 * from a break by itself, as TLS and HTTP do; {@link Reset} goes past it.
 */
public final class TunnelEnd extends ChannelDuplexHandler {
    private boolean peerEnded;
    private boolean ended;
    private boolean closing;
    private boolean said;

    private TunnelEnd() {}

    /** Adds one to the end of the pipeline where {@code channel} is a tunnel without one; sockets need none. */
    public static void below(Channel channel) {
        if (channel instanceof ForeignChannel && channel.pipeline().get(TunnelEnd.class) == null) {
            channel.pipeline().addLast(new TunnelEnd());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        peerEnded |= message instanceof Fin;
        if (!closing) {
            ctx.fireChannelRead(message);
            return;
        }
        ReferenceCountUtil.release(message);
        closeIfOver(ctx);
        ctx.read();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ended |= message instanceof Fin;
        ctx.write(message, promise);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        Channel channel = ctx.channel();
        if (!channel.isActive()) {
            ctx.close(promise);
            return;
        }
        channel.closeFuture().addListener(closed -> promise.trySuccess());
        if (closing) {
            return;
        }
        closing = true;
        ctx.read();
        var linger = ctx.executor().schedule(() -> ctx.close(), Farewell.LINGER_MILLIS, TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> linger.cancel(false));
        // Behind the end that was written before, or as the end.
        ctx.writeAndFlush(ended ? Unpooled.EMPTY_BUFFER : Fin.FIN).addListener(written -> {
            said = true;
            closeIfOver(ctx);
        });
    }

    private void closeIfOver(ChannelHandlerContext ctx) {
        if (said && peerEnded) {
            ctx.close();
        }
    }
}
