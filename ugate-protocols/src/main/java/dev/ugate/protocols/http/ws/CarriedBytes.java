package dev.ugate.protocols.http.ws;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A stream of bytes in binary messages of a WebSocket, whose boundaries mean nothing. Close 1000 is the {@link Fin} of its sender; the
 * other side answers with its own when it has said everything, so each direction ends alone. A connection that ends without, or with any
 * other code, was broken off. Closing without {@link Fin} sends no Close, so a broken stream never looks complete to the peer.
 */
final class CarriedBytes extends ChannelDuplexHandler implements FrameReader.Sink, Liveness.Watched {
    /** The payload of one frame: what every peer takes. */
    private static final int FRAME = 64 * 1024;

    private final FrameReader reader;
    private final FrameWriter writer;
    private final Duration interval;
    private final Liveness liveness = new Liveness(this);
    private @Nullable ChannelHandlerContext own;
    private boolean finished;
    private boolean ended;
    private boolean starved = true;

    private CarriedBytes(boolean client, FrameWriter writer, Limits.WebSocket limits) {
        var bounds = new FrameReader.Bounds(!client, limits.webSocketMessage().count(), limits.webSocketFragments());
        this.reader = new FrameReader(bounds, this);
        this.writer = writer;
        this.interval = limits.webSocketPing();
    }

    /** The side that accepted. */
    static CarriedBytes server(Limits.WebSocket limits) {
        return new CarriedBytes(false, new FrameWriter(null), limits);
    }

    /** The side that dialled; {@code masks} gives keys that nobody can foresee. */
    static CarriedBytes client(RandomGenerator masks, Limits.WebSocket limits) {
        return new CarriedBytes(true, new FrameWriter(masks), limits);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        own = ctx;
        liveness.start(ctx.executor(), interval);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        liveness.stop();
    }

    private ChannelHandlerContext own() {
        if (own == null) {
            throw new IllegalStateException("ws: not in a pipeline");
        }
        return own;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes) {
            try {
                read(ctx, bytes);
            } finally {
                bytes.release();
            }
        } else if (!(message instanceof Fin)) {
            ctx.fireChannelRead(message);
        } else if (!ended) {
            ctx.close();
        }
    }

    private void read(ChannelHandlerContext ctx, ByteBuf bytes) {
        liveness.heard();
        if (ended) {
            return;
        }
        try {
            reader.read(bytes);
        } catch (Violation violation) {
            violated(ctx, violation);
        }
    }

    private void violated(ChannelHandlerContext ctx, Violation violation) {
        ended = true;
        liveness.stop();
        if (finished) {
            ctx.fireExceptionCaught(violation.refused());
        } else {
            finished = true;
            writer.close(ctx.alloc(), violation.code(), ctx::write);
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(said -> ctx.fireExceptionCaught(violation.refused()));
        }
    }

    @Override
    public void data(boolean text, ByteBuf part, boolean last) {
        if (text) {
            part.release();
            throw Violation.of(Violation.NOT_ACCEPTED, "text: expected binary messages");
        }
        if (ended || !part.isReadable()) {
            part.release();
        } else {
            starved = false;
            own().fireChannelRead(part);
        }
    }

    @Override
    public void control(int opcode, ByteBuf payload) {
        if (opcode == Opcode.PING && !finished && !ended && own().channel().isWritable()) {
            writer.frame(own().alloc(), Opcode.PONG, true, payload, own()::write);
            own().flush();
            return;
        }
        try {
            if (opcode == Opcode.CLOSE && !ended) {
                closed(CloseFrame.of(payload));
            }
        } finally {
            payload.release();
        }
    }

    private void closed(CloseFrame close) {
        ended = true;
        liveness.stop();
        if (close.isClean()) {
            starved = false;
            own().fireChannelRead(Fin.FIN);
        } else {
            own().fireExceptionCaught(
                            Refused.because(Refusal.UNREACHABLE, "ws: the peer closed with code " + close.code()));
        }
        if (finished) {
            own().writeAndFlush(Fin.FIN);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (starved && !ended && !ctx.channel().config().isAutoRead()) {
            // The reader asked for bytes and a part of a frame is none.
            ctx.read();
        }
        starved = true;
        ctx.fireChannelReadComplete();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            bytes(ctx, bytes, promise);
        } else if (message instanceof Fin) {
            finish(ctx, promise);
        } else {
            ctx.write(message, promise);
        }
    }

    private void bytes(ChannelHandlerContext ctx, ByteBuf bytes, ChannelPromise promise) {
        if (finished) {
            bytes.release();
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        while (bytes.readableBytes() > FRAME) {
            writer.frame(
                    ctx.alloc(),
                    Opcode.BINARY,
                    true,
                    bytes.readRetainedSlice(FRAME),
                    frame -> ctx.write(frame, ctx.voidPromise()));
        }
        if (bytes.isReadable()) {
            writer.frame(ctx.alloc(), Opcode.BINARY, true, bytes, frame -> ctx.write(frame, ctx.voidPromise()));
        } else {
            bytes.release();
        }
        if (!promise.isVoid()) {
            ctx.write(Unpooled.EMPTY_BUFFER, promise);
        }
    }

    /** Sends Close; the other direction goes on until the peer's. */
    private void finish(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (finished) {
            promise.trySuccess();
            return;
        }
        finished = true;
        liveness.stop();
        writer.close(ctx.alloc(), CloseFrame.NORMAL, frame -> ctx.write(frame, ctx.voidPromise()));
        if (ended) {
            ctx.writeAndFlush(Fin.FIN, promise);
        } else {
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER, promise);
        }
    }

    @Override
    public boolean listens() {
        return own().channel().config().isAutoRead();
    }

    @Override
    public void ping() {
        writer.frame(own().alloc(), Opcode.PING, true, Unpooled.EMPTY_BUFFER, own()::write);
        own().flush();
    }

    @Override
    public void dead() {
        own().fireExceptionCaught(
                        Refused.because(Refusal.TIMED_OUT, "limit webSocketPing: ws: no sign of life after two pings"));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        liveness.stop();
        ctx.fireChannelInactive();
    }
}
