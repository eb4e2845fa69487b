package dev.ugate.net;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Last words to a peer: written, then this direction ends, then what the peer still sends is thrown away until it ends too. A plain
 * close would reset the connection while unread bytes wait, and the peer would lose the words.
 */
public final class Farewell extends ChannelInboundHandlerAdapter {
    /** How long the peer may take to end: long enough for a round trip, short enough to hold nothing. */
    private static final long LINGER_MILLIS = 1_000;

    private Farewell() {}

    /** Takes {@code words}, which may be empty. */
    public static void say(Channel channel, ByteBuf words) {
        if (!channel.isActive()) {
            words.release();
            channel.close();
            return;
        }
        channel.pipeline().addLast(new Farewell());
        channel.write(words);
        channel.writeAndFlush(Fin.FIN);
        channel.config().setAutoRead(true);
        var linger = channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> linger.cancel(false));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
        if (message instanceof Fin) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
