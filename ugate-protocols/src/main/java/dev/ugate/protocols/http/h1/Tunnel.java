package dev.ugate.protocols.http.h1;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.net.Farewell;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Disclosure;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Stream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/**
 * A CONNECT that waits for its upstream (RFC 9110 §9.3.6): what the client sends meanwhile is held until the 2xx, and any other answer
 * ends the connection, so that early bytes are never read as a request (T38).
 */
final class Tunnel extends ChannelInboundHandlerAdapter implements Stream {
    private static final String ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";

    private final Channel client;
    private final Intent intent;
    private ByteBuf early;
    private @Nullable Object fin;
    private boolean accepted;

    /** Takes the bytes after the head; {@code fin} is the client's end where it has come already. */
    Tunnel(Channel client, Intent intent, ByteBuf early, @Nullable Fin fin) {
        this.client = client;
        this.intent = intent;
        this.early = early;
        this.fin = fin;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Fin) {
            fin = message;
        } else {
            early = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), early, (ByteBuf) message);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (!accepted) {
            early.release();
            return;
        }
        if (early.isReadable()) {
            ctx.fireChannelRead(early);
        } else {
            early.release();
        }
        if (fin != null) {
            ctx.fireChannelRead(fin);
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override
    public Intent intent() {
        return intent;
    }

    @Override
    public Channel channel() {
        return client;
    }

    @Override
    public void accepted(Channel upstream) {
        if (client.pipeline().context(this) == null) {
            return;
        }
        accepted = true;
        client.writeAndFlush(ByteBufUtil.writeAscii(client.alloc(), ESTABLISHED));
        client.pipeline().remove(this);
    }

    @Override
    public void refused(Refused why) {
        if (client.pipeline().context(this) == null) {
            return;
        }
        int status = Answers.status(why.reason(), true);
        Refused told = Disclosure.of(why, status, intent.fields(), Connection.of(client));
        Farewell.say(client, Answers.last(client.alloc(), status, told, false));
        client.pipeline().remove(this);
    }
}
