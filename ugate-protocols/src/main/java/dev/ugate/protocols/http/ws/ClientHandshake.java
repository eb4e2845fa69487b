package dev.ugate.protocols.http.ws;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.EarlyReads;
import dev.ugate.net.Failures;
import dev.ugate.protocols.http.wire.Head;
import dev.ugate.protocols.http.wire.HeadParser;
import dev.ugate.protocols.http.wire.HeadWriter;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Incoming;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.wire.StatusLine;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Promise;

/** Asks a server for a WebSocket over HTTP/1.1 (RFC 6455 §4.1), then leaves the connection to the carried bytes. */
final class ClientHandshake extends ChannelInboundHandlerAdapter {
    private static final int SWITCHING = 101;

    /** What is asked for: a path and the value of Host. */
    record Asked(String path, String host) {}

    private final WebSocketKey key = WebSocketKey.fresh();
    private final Incoming<StatusLine> incoming;
    private final CarriedBytes bytes;
    private final Promise<Channel> promise;
    private final EarlyReads early = new EarlyReads();

    private ClientHandshake(Promise<Channel> promise, Limits limits, CarriedBytes bytes) {
        this.promise = promise;
        this.bytes = bytes;
        this.incoming = new Incoming<>(HeadParser.replies(limits));
    }

    /** Completes {@code promise} with the channel once {@code bytes} speak on it. */
    static void begin(Channel channel, Promise<Channel> promise, Asked asked, Limits limits, CarriedBytes bytes) {
        ClientHandshake handshake = new ClientHandshake(promise, limits, bytes);
        channel.pipeline().addLast(handshake);
        channel.writeAndFlush(HeadWriter.request(channel.alloc(), "GET", asked.path())
                .field("host", asked.host())
                .field("upgrade", WebSocketKey.PROTOCOL)
                .field("connection", "Upgrade")
                .field("sec-websocket-version", WebSocketKey.VERSION)
                .field("sec-websocket-key", handshake.key.text())
                .end());
        channel.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf part && !promise.isDone()) {
            incoming.add(ctx.alloc(), part);
            advance(ctx);
        } else {
            ReferenceCountUtil.release(message);
            if (message instanceof Fin) {
                gone("ended");
            }
        }
    }

    private void advance(ChannelHandlerContext ctx) {
        try {
            Head<StatusLine> head = incoming.head();
            if (head != null && head.line().status() != SWITCHING && head.line().isInformational()) {
                advance(ctx);
            } else if (head != null) {
                check(head);
                carry(ctx);
            }
        } catch (Rejected rejected) {
            promise.tryFailure(Refused.because(
                    Refusal.UNREACHABLE, "ws: handshake: " + rejected.why().text()));
        }
    }

    private void check(Head<StatusLine> head) {
        int status = head.line().status();
        if (status != SWITCHING) {
            throw Rejected.malformed("status " + status + ": expected 101");
        }
        if (!Hop.of(head.fields()).upgradesTo(WebSocketKey.PROTOCOL, head.line().minor())
                || !key.isAcceptedBy(head.fields())) {
            throw Rejected.malformed("status 101: expected websocket and the answer to our key");
        }
        if (head.fields().has("sec-websocket-extensions") || head.fields().has("sec-websocket-protocol")) {
            throw Rejected.malformed("status 101: names what was not asked for");
        }
    }

    private void carry(ChannelHandlerContext ctx) {
        ctx.pipeline().addLast(bytes, early);
        ctx.pipeline().remove(this);
        early.open();
        promise.trySuccess(ctx.channel());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ByteBuf rest = incoming.take();
        if (rest.isReadable() && ctx.channel().isActive()) {
            ctx.fireChannelRead(rest);
        } else {
            rest.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!promise.isDone()) {
            ctx.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone("closed");
        ctx.fireChannelInactive();
    }

    private void gone(String how) {
        promise.tryFailure(Refused.because(
                Refusal.UNREACHABLE, "ws: handshake: the server " + how + " the connection before its answer"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        promise.tryFailure(Failures.refused(cause).in("ws"));
    }
}
