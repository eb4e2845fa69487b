package dev.ugate.net.io;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Translates the half-close of a socket to {@link Fin} and back; the first handler of every socket. A close lets what was flushed before
 * it go out as far as the socket has room, on every backend. Where Netty does not close a socket whose peer takes nothing more
 * (AUTO_CLOSE), it is read to its end before it breaks: a server may have answered before it left.
 */
public final class DuplexFin extends ChannelDuplexHandler {
    /** How long a socket of io_uring may take to send what it has room for: some turns of a loop that is busy. */
    private static final long PATIENCE_MILLIS = 100;

    private boolean heard;
    private boolean peerEnded;
    private boolean ended;

    /** Why the peer takes nothing more. */
    private @Nullable Throwable deaf;

    /** Our end is out and nothing went wrong since: a socket that Netty closes now has had both ends, as one that takes nothing more has. */
    private boolean awaitsEnd;

    private boolean closing;

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelOutputShutdownEvent.INSTANCE && !ended && deaf == null) {
            deafened(ctx, new IOException("connection reset by peer"));
        } else if (event != ChannelInputShutdownEvent.INSTANCE && event != ChannelInputShutdownReadComplete.INSTANCE) {
            ctx.fireUserEventTriggered(event);
        } else if (!heard) {
            // Most sockets say both; the Unix sockets that Reads keeps open say the second alone.
            heard = true;
            ended(ctx);
        }
    }

    /** A write under way may have taken the socket's only error with it, of which io_uring tells behind the read: then this is no end. */
    private void ended(ChannelHandlerContext ctx) {
        if (deaf != null || nothingWaits(ctx)) {
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
        if (deaf == null || saidItsEnd(deaf)) {
            ctx.fireChannelRead(Fin.FIN);
            ctx.fireChannelReadComplete();
        }
        breakOff(ctx);
    }

    /** A write to a socket whose peer ended before it reset says EPIPE; behind a reset alone that write took the only word of it. */
    private static boolean saidItsEnd(Throwable cause) {
        return String.valueOf(cause.getMessage()).contains("Broken pipe");
    }

    private void deafened(ChannelHandlerContext ctx, Throwable cause) {
        deaf = cause instanceof ChannelOutputShutdownException && cause.getCause() != null ? cause.getCause() : cause;
        if (peerEnded) {
            breakOff(ctx);
        } else {
            // Netty does not say so, but whoever waits for room waits for nothing.
            ctx.fireChannelWritabilityChanged();
        }
    }

    private void breakOff(ChannelHandlerContext ctx) {
        if (deaf != null) {
            ctx.fireExceptionCaught(deaf);
            ctx.close();
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (deaf != null) {
            ReferenceCountUtil.release(message);
            failAtItsEnd(ctx.channel(), promise, deaf);
        } else if (message instanceof Fin && (ended || nothingWaits(ctx))) {
            end(ctx, promise);
        } else if (message instanceof Fin) {
            // shutdownOutput() would discard what is not flushed yet: end only behind an empty write.
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
                if (flushed.isSuccess()) {
                    end(ctx, promise);
                } else {
                    failAtItsEnd(ctx.channel(), promise, flushed.cause());
                }
            });
        } else {
            boolean copied = message instanceof ByteBuf bytes && !bytes.isDirect();
            ChannelPromise told = copied && promise.isVoid() ? likeVoid(ctx) : promise;
            ctx.write(message, told);
            breakIfLost(ctx, told);
        }
    }

    /** A void promise, but that it hears of what could not be copied to where the kernel can read it: Netty's does not. */
    private static ChannelPromise likeVoid(ChannelHandlerContext ctx) {
        return ctx.newPromise().addListener(done -> {
            if (!done.isSuccess() && !(done.cause() instanceof OutOfMemoryError)) {
                ctx.pipeline().fireExceptionCaught(done.cause());
            }
        });
    }

    /** There was no memory for the copy: what follows would look as if nothing were missing, so nothing does. */
    private void breakIfLost(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (promise.isDone() && promise.cause() instanceof OutOfMemoryError lost) {
            deaf = lost;
            // Told later: who writes is in the middle of it, and holds what it would let go of.
            ctx.executor().execute(() -> breakOff(ctx));
        }
    }

    /** Whoever wrote it would take the failure for that of the whole channel. */
    private static void failAtItsEnd(Channel channel, ChannelPromise promise, Throwable why) {
        if (!promise.isVoid()) {
            channel.closeFuture().addListener(closed -> promise.tryFailure(why));
        }
    }

    private static boolean nothingWaits(ChannelHandlerContext ctx) {
        ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
        return waiting != null && waiting.totalPendingWriteBytes() == 0;
    }

    /** The second end of a socket is its close, which costs one system call instead of two. */
    private void end(ChannelHandlerContext ctx, ChannelPromise promise) {
        boolean again = ended;
        ended = true;
        if (peerEnded) {
            // Told first: io_uring reports the closed channel before its close is done.
            promise.trySuccess();
            ctx.close();
        } else if (again) {
            promise.trySuccess();
        } else {
            awaitsEnd = true;
            ((DuplexChannel) ctx.channel()).shutdownOutput(promise);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (awaitsEnd || deaf != null && !peerEnded && !closing) {
            finish(ctx);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        awaitsEnd = false;
        if (deaf == null && isOfAWrite(ctx.channel())) {
            deafened(ctx, cause);
        } else if (deaf == null || cause != deaf && cause.getCause() != deaf) {
            ctx.fireExceptionCaught(cause);
        }
    }

    private boolean isOfAWrite(Channel channel) {
        return !ended && channel.isActive() && channel.unsafe().outboundBuffer() == null;
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        awaitsEnd = false;
        if (!closing && !queues(ctx.channel())) {
            ctx.close(promise);
            return;
        }
        ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
        if (!closing) {
            closing = true;
            closeBehind(ctx);
        }
    }

    /** Netty's io_uring writes once at a time, and drops at a close what waits behind that; other backends have sent it. */
    private static boolean queues(Channel channel) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting != null
                && waiting.size() > 1
                && (channel instanceof IoUringSocketChannel || channel instanceof IoUringDomainSocketChannel);
    }

    private static void closeBehind(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(false);
        var late = ctx.executor().schedule(() -> ctx.close(), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            late.cancel(false);
            ctx.close();
        });
    }
}
