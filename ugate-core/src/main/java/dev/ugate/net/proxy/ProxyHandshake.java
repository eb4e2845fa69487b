package dev.ugate.net.proxy;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.EarlyReads;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds one {@link ProxyDialogue} on a channel that was dialled to a proxy, then leaves. What the proxy sent beyond its last answer
 * waits in {@link EarlyReads} for the reader.
 */
final class ProxyHandshake extends ByteToMessageDecoder {
    private final String word;
    private final ProxyDialogue dialogue;
    private final long deadline;
    private final Promise<Channel> promise;
    private final EarlyReads early = new EarlyReads();
    private @Nullable Future<?> timer;
    private boolean carried;

    private ProxyHandshake(String word, ProxyDialogue dialogue, long deadline, Promise<Channel> promise) {
        this.word = word;
        this.dialogue = dialogue;
        this.deadline = deadline;
        this.promise = promise;
    }

    /** Dials the proxy through {@code lower} and talks to it; the contract of {@link Transport#dial}. */
    static Future<Channel> dial(Dial dial, EventLoop loop, Transport lower, ProxyDialogue dialogue) {
        String word = dial.carrier().name();
        return Layer.over(
                lower,
                dial,
                loop,
                (proxy, promise) ->
                        proxy.pipeline().addLast(new ProxyHandshake(word, dialogue, dial.deadline(), promise)));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        promise.addListener(done -> {
            if (!done.isSuccess()) {
                channel.close();
            }
        });
        timer = ctx.executor()
                .schedule(
                        () -> fail(Refusal.TIMED_OUT, "no answer from the proxy"),
                        deadline - System.nanoTime(),
                        TimeUnit.NANOSECONDS);
        channel.pipeline().addLast(early);
        ByteBuf hello;
        try {
            hello = dialogue.hello(channel);
        } catch (Refused refused) {
            promise.tryFailure(refused.in(word));
            return;
        }
        ctx.writeAndFlush(hello);
        ctx.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (!carried && !promise.isDone() && dialogue.read(ctx.channel(), in)) {
            carried = true;
            ctx.pipeline().remove(this);
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        // The proxy is gone: half an answer is none.
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (message instanceof Fin) {
            fail(Refusal.UNREACHABLE, "proxy ended the connection before its answer");
        } else {
            super.channelRead(ctx, message);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
        if (carried) {
            early.open();
            if (!promise.trySuccess(ctx.channel())) {
                ctx.channel().close();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        fail(Refusal.UNREACHABLE, "proxy closed the connection before its answer");
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        promise.tryFailure(Failures.refused(root).in(word));
    }

    private void fail(Refusal reason, String text) {
        promise.tryFailure(Refused.because(reason, word + ": " + text));
    }
}
