package dev.ugate.protocols.http;

import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Gate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells the versions apart: what ALPN settled, else by the first word, which is {@code PRI} in HTTP/2 alone (RFC 9113 §3.4). In TLS only
 * ALPN leads to HTTP/2 (T45).
 */
final class Opening extends ByteToMessageDecoder {
    private static final byte[] WORD = {'P', 'R', 'I', ' '};

    private final Gate gate;
    private final Intake intake;
    private @Nullable Future<?> deadline;

    Opening(Gate gate, Intake intake) {
        this.gate = gate;
        this.intake = intake;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Connection connection = Connection.of(ctx.channel());
        if (connection.tls()) {
            begin(ctx, connection.alpn().equals(Optional.of("h2")));
            return;
        }
        long wait = connection.ingress().settings().timeouts().requestHead().toNanos();
        deadline = ctx.executor().schedule(() -> ctx.close(), wait, TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (message instanceof Fin) {
            begin(ctx, false);
        }
        super.channelRead(ctx, message);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        for (int i = 0; i < WORD.length; i++) {
            if (i == in.readableBytes()) {
                return;
            }
            if (in.getByte(in.readerIndex() + i) != WORD[i]) {
                begin(ctx, false);
                return;
            }
        }
        begin(ctx, true);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    /** Removal replays the bytes. */
    private void begin(ChannelHandlerContext ctx, boolean two) {
        Channel channel = ctx.channel();
        if (two) {
            dev.ugate.protocols.http.h2.ServerConnection.serve(channel, gate, intake);
        } else {
            channel.pipeline().addLast(new dev.ugate.protocols.http.h1.ServerConnection(channel, gate, intake));
        }
        ctx.pipeline().remove(this);
    }
}
