package dev.ugate.net;

import dev.ugate.spi.Fin;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;

/**
 * Translates close_notify to {@link Fin} and back; sits right behind its {@link SslHandler}. A socket that ends without close_notify
 * was truncated (RFC 8446 §6.1): the connection is closed instead of ended.
 */
public final class TlsFin extends ChannelDuplexHandler {
    private boolean ended;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof Fin)) {
            ctx.fireChannelRead(message);
        } else if (!ended) {
            ctx.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == SslCloseCompletionEvent.SUCCESS && !ended) {
            ended = true;
            ctx.fireChannelRead(Fin.FIN);
            ctx.fireChannelReadComplete();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof Fin) {
            SslHandler tls = ctx.pipeline().get(SslHandler.class);
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(flushed -> tls.closeOutbound().addListener(notified -> promise.trySuccess()));
        } else {
            ctx.write(message, promise);
        }
    }
}
