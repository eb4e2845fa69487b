package dev.ugate.net.proxy;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.EarlyReads;
import dev.ugate.net.Failures;
import dev.ugate.net.LayerDial;
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

/**
 * Holds one {@link ProxyDialogue} on a channel that was dialled to a proxy, then leaves. What the proxy sent beyond its last answer
 * waits in {@link EarlyReads} for the reader.
 */
final class ProxyHandshake extends ByteToMessageDecoder {
    private final String word;
    private final ProxyDialogue dialogue;
    private final Promise<Channel> promise;
    private final EarlyReads early = new EarlyReads();
    private boolean carried;

    private ProxyHandshake(ProxyDialogue dialogue, Promise<Channel> promise, String word) {
        this.dialogue = dialogue;
        this.promise = promise;
        this.word = word;
    }

    /** Dials the proxy through {@code lower} and talks to it; the contract of {@link Transport#dial}. */
    static Future<Channel> dial(Dial dial, EventLoop loop, Transport lower, ProxyDialogue dialogue) {
        String word = dial.carrier().name();
        return LayerDial.through(lower, dial, loop, word, (proxy, promise) -> {
            ByteBuf hello = dialogue.hello(proxy);
            ProxyHandshake handshake = new ProxyHandshake(dialogue, promise, word);
            proxy.pipeline().addLast(handshake, handshake.early);
            proxy.writeAndFlush(hello);
            proxy.read();
        });
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
            gone("ended");
        } else {
            super.channelRead(ctx, message);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (carried) {
            early.open();
            promise.trySuccess(ctx.channel());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        gone("closed");
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        promise.tryFailure(Failures.refused(root).in(word));
    }

    private void gone(String how) {
        promise.tryFailure(
                Refused.because(Refusal.UNREACHABLE, word + ": proxy " + how + " the connection before its answer"));
    }
}
