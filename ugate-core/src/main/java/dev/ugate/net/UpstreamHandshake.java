package dev.ugate.net;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.Optional;

/**
 * Talks to an upstream proxy until it says yes, then leaves the pipeline; what the proxy sent behind its answer is kept for the
 * reader.
 */
final class UpstreamHandshake extends ByteToMessageDecoder {
    private final Script script;
    private final Promise<Channel> promise;
    private final EarlyReads early;

    private UpstreamHandshake(Script script, Promise<Channel> promise, EarlyReads early) {
        this.script = script;
        this.promise = promise;
        this.early = early;
    }

    /** One side of a conversation with a proxy. */
    interface Script {
        /** The first words, given away. */
        ByteBuf open(Channel proxy);

        /**
         * Consumes whole messages of {@code in} (borrowed) and may write to the proxy; empty while more is needed, else the proxy
         * said yes. Throws {@link Refused} for a no.
         */
        Optional<Boolean> read(Channel proxy, ByteBuf in);
    }

    static void begin(Channel proxy, Script script, Promise<Channel> promise) {
        EarlyReads early = new EarlyReads();
        proxy.pipeline().addLast(new UpstreamHandshake(script, promise, early), early);
        proxy.writeAndFlush(script.open(proxy));
        proxy.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (!promise.isDone() && script.read(ctx.channel(), in).isPresent()) {
            early.open();
            promise.trySuccess(ctx.channel());
            ctx.pipeline().remove(this);
        } else if (promise.isDone()) {
            in.skipBytes(in.readableBytes());
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        // The proxy is gone: half an answer is none.
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (message instanceof Fin) {
            gone();
        } else {
            super.channelRead(ctx, message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        gone();
        super.channelInactive(ctx);
    }

    private void gone() {
        promise.tryFailure(Refused.because(Refusal.UNREACHABLE, "proxy: ended the connection instead of an answer"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        promise.tryFailure(Failures.refused(root));
    }
}
