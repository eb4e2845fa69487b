package dev.ugate.net.io;

import dev.ugate.spi.Fin;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;

/** Translates the half-close of a socket to {@link Fin} and back; the first handler of every socket. */
public final class DuplexFin extends ChannelDuplexHandler {
    private boolean heard;
    private boolean peerEnded;

    /** Our end is out and nothing went wrong since: a socket that Netty closes now has had both ends. */
    private boolean awaitsEnd;

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event != ChannelInputShutdownEvent.INSTANCE && event != ChannelInputShutdownReadComplete.INSTANCE) {
            ctx.fireUserEventTriggered(event);
        } else if (!heard) {
            // Most sockets say both; the Unix sockets that Reads keeps open say the second alone.
            heard = true;
            ended(ctx);
        }
    }

    /** A write under way may have taken the socket's only error with it, of which io_uring tells behind the read: then this is no end. */
    private void ended(ChannelHandlerContext ctx) {
        if (nothingWaits(ctx)) {
            finish(ctx);
        } else {
            ctx.executor().execute(() -> {
                if (ctx.channel().isActive()) {
                    finish(ctx);
                }
            });
        }
    }

    private void finish(ChannelHandlerContext ctx) {
        peerEnded = true;
        awaitsEnd = false;
        ctx.fireChannelRead(Fin.FIN);
        ctx.fireChannelReadComplete();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof Fin && nothingWaits(ctx)) {
            end(ctx, promise);
        } else if (message instanceof Fin) {
            // shutdownOutput() would discard what is not flushed yet: end only behind an empty write.
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
                if (flushed.isSuccess()) {
                    end(ctx, promise);
                } else {
                    promise.tryFailure(flushed.cause());
                }
            });
        } else {
            ctx.write(message, promise);
        }
    }

    private static boolean nothingWaits(ChannelHandlerContext ctx) {
        ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
        return waiting != null && waiting.totalPendingWriteBytes() == 0;
    }

    /** The second end of a socket is its close, which costs one system call instead of two. */
    private void end(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (peerEnded) {
            // Told first: io_uring reports the closed channel before its close is done.
            promise.trySuccess();
            ctx.close();
        } else {
            awaitsEnd = true;
            ((DuplexChannel) ctx.channel()).shutdownOutput(promise);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (awaitsEnd) {
            finish(ctx);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        awaitsEnd = false;
        ctx.fireExceptionCaught(cause);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        awaitsEnd = false;
        ctx.close(promise);
    }
}
