package dev.ugate.protocols.http.h1;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Fields;
import dev.ugate.net.EarlyReads;
import dev.ugate.net.Failures;
import dev.ugate.net.ForeignChannel;
import dev.ugate.net.Relay;
import dev.ugate.protocols.http.h1.Watch.Wait;
import dev.ugate.protocols.http.wire.BodyFraming;
import dev.ugate.protocols.http.wire.BodyReader;
import dev.ugate.protocols.http.wire.BodyWriter;
import dev.ugate.protocols.http.wire.Head;
import dev.ugate.protocols.http.wire.HeadParser;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Incoming;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.wire.StatusLine;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request on its upstream connection and the reply that comes back. Its channel is where the reply is read from and where the
 * request's body is written to; the connection closes with it, and it outlives the connection until the reply was read.
 */
public final class UpstreamExchange extends ChannelInboundHandlerAdapter implements ForeignChannel.Far {
    /** Until the reply's head, once the request has gone out (L19). */
    private static final Duration FIRST_BYTE = Duration.ofSeconds(60);

    /** A reply's body without a byte (L22). */
    private static final Duration IDLE = Duration.ofMinutes(5);

    /** What is sent, and who waits for the reply. */
    public record Sent(
            Request request,
            Informational informational,
            Promise<Reply> reply,
            Timeouts timeouts,
            @Nullable WebSocketKey key) {
        /** With a new key where the request asks for an upgrade. */
        public Sent(Request request, Informational informational, Promise<Reply> reply, Timeouts timeouts) {
            this(request, informational, reply, timeouts, request.upgrade().isPresent() ? WebSocketKey.fresh() : null);
        }
    }

    private final Channel upstream;
    private final Sent sent;
    private final Incoming<StatusLine> incoming;
    private final ForeignChannel body;
    private final BodyWriter writer;
    private final Watch watch;
    private @Nullable BodyReader reader;
    private boolean over;

    public UpstreamExchange(Channel upstream, Sent sent, Limits limits) {
        this.upstream = upstream;
        this.sent = sent;
        this.incoming = new Incoming<>(HeadParser.replies(limits));
        this.body = new ForeignChannel(upstream, this);
        this.writer = BodyWriter.of(OriginRequest.framing(sent.request()));
        this.watch = new Watch(upstream.eventLoop(), this::late);
    }

    /** Sends the request. */
    public void begin() {
        Request request = sent.request();
        upstream.pipeline().addLast(this);
        upstream.eventLoop().register(body);
        request.body().closeFuture().addListener(closed -> body.close());
        sent.reply().addListener(done -> {
            if (!done.isSuccess()) {
                body.close();
            }
        });
        try {
            upstream.write(OriginRequest.head(upstream.alloc(), request, sent.key()));
        } catch (Refused illegal) {
            fail(illegal);
            return;
        }
        if (request.length() != 0 && sent.key() == null) {
            Relay.oneWay(request.body(), body, sent.timeouts());
        }
        watch.await(Wait.HEAD, FIRST_BYTE);
        upstream.flush();
        upstream.config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (over) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof Fin) {
            incoming.end();
            advance();
        } else {
            incoming.add(ctx.alloc(), (ByteBuf) message);
            advance();
        }
    }

    private void advance() {
        try {
            heads();
            if (reader != null && !over) {
                body(reader);
            }
        } catch (Rejected rejected) {
            fail(Refused.because(Refusal.UNREACHABLE, "reply: " + rejected.why().text()));
        }
        incoming.trim();
        if (incoming.ended() && !over) {
            ended("upstream: ended before its reply did");
        }
    }

    private void heads() {
        while (reader == null && !over) {
            Head<StatusLine> head = incoming.head();
            if (head == null) {
                return;
            }
            Hop hop = Hop.of(head.fields());
            Fields fields =
                    hop.endToEnd(head.fields(), name -> false, name -> false).build();
            WebSocketKey key = sent.key();
            if (head.line().status() == 101 && key != null) {
                switched(key, hop, head.line().minor(), head.fields(), fields);
            } else if (head.line().isInformational()) {
                inform(head.line().status(), fields);
            } else {
                reply(head.line(), hop, fields);
            }
        }
    }

    /** The connection is the body of both from here on. */
    private void switched(WebSocketKey asked, Hop hop, int minor, Fields received, Fields passing) {
        if (!hop.upgradesTo(WebSocketKey.PROTOCOL, minor) || !asked.isAcceptedBy(received)) {
            throw Rejected.malformed("status 101: expected websocket and the answer to our key");
        }
        over = true;
        watch.stop();
        EarlyReads early = new EarlyReads();
        upstream.config().setAutoRead(false);
        upstream.pipeline().addLast(early);
        ChannelHandlerContext own = upstream.pipeline().context(this);
        if (incoming.readable() > 0) {
            own.fireChannelRead(incoming.take());
        }
        if (incoming.ended()) {
            own.fireChannelRead(Fin.FIN);
        }
        upstream.pipeline().remove(this);
        body.close();
        early.open();
        Fields kept = passing.without(WebSocketKey.OF_THE_HOP).build();
        if (!sent.reply().trySuccess(new Reply(200, kept, -1, upstream))) {
            upstream.close();
        }
    }

    private void inform(int status, Fields fields) {
        if (status == 101) {
            throw Rejected.malformed("status 101: expected no upgrade that nobody asked for");
        }
        sent.informational().inform(status, fields);
    }

    private void reply(StatusLine line, Hop hop, Fields fields) {
        if (sent.key() != null && line.status() / 100 == 2) {
            // A 200 would be taken for the upgrade that it is not.
            throw Rejected.malformed("status " + line.status() + ": expected 101 to an upgrade");
        }
        boolean toHead = sent.request().method().equals("HEAD");
        BodyFraming framing = hop.reply(line, toHead);
        reader = BodyReader.of(framing);
        watch.await(Wait.BODY, IDLE);
        long length = toHead || line.status() == 304 ? hop.announced() : framing.length();
        // The listeners begin to read before the body is offered, so that head and body leave together.
        if (!sent.reply().trySuccess(new Reply(line.status(), fields, length, body))) {
            body.close();
        }
    }

    private void body(BodyReader from) {
        incoming.body(from, body::offer);
        if (from.done()) {
            complete(from);
            return;
        }
        body.ready();
        if (body.waiting() > 0) {
            upstream.config().setAutoRead(false);
            watch.rest();
        } else if (!over) {
            watch.await(Wait.BODY, IDLE);
        }
    }

    private void complete(BodyReader from) {
        over = true;
        watch.stop();
        body.offer(Fin.with(from.trailers()));
        body.ready();
        upstream.close();
    }

    /** The upstream sends nothing more: the end of a body that ends so, else a break. */
    private void ended(String how) {
        if (reader != null && reader.endsByClose() && incoming.ended()) {
            complete(reader);
        } else {
            fail(Refused.because(Refusal.UNREACHABLE, how));
        }
    }

    /** No reply, or no end of it: who waits is told, who reads sees a break. */
    private void fail(Refused why) {
        over = true;
        watch.stop();
        sent.reply().tryFailure(why);
        upstream.close();
        body.close();
    }

    private void late(Wait what) {
        Duration limit = what == Wait.HEAD ? FIRST_BYTE : IDLE;
        fail(Refused.because(Refusal.TIMED_OUT, "upstream: no byte of its reply within " + limit.toSeconds() + "s"));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!over) {
            ended("upstream: went away before its reply ended");
        }
        incoming.take().release();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (upstream.isWritable()) {
            body.resume();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!over) {
            fail(Failures.refused(cause));
        }
    }

    @Override
    public int write(ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (over || !upstream.isActive()) {
            return length; // The reply is here or never comes: nobody wants the rest of the request.
        }
        if (!upstream.isWritable()) {
            return 0;
        }
        try {
            // The second owner is the connection's outbound buffer.
            writer.write(bytes.retain(), upstream::write);
        } catch (IllegalStateException wrong) {
            fail(Failures.refused(wrong));
        }
        progress();
        return length;
    }

    /** The upstream may wait for the end of the request before it answers. */
    private void progress() {
        if (reader == null && !over) {
            watch.await(Wait.HEAD, FIRST_BYTE);
        }
    }

    @Override
    public void finish(Fin fin) {
        if (over) {
            return;
        }
        try {
            writer.finish(upstream.alloc(), Hop.trailers(fin.trailers()), upstream::write);
        } catch (IllegalStateException | Refused wrong) {
            fail(Failures.refused(wrong));
        }
        progress();
    }

    @Override
    public void flush() {
        upstream.flush();
    }

    @Override
    public void read() {
        if (!over) {
            upstream.config().setAutoRead(true);
            if (reader != null) {
                watch.await(Wait.BODY, IDLE);
            }
        }
    }

    @Override
    public void close() {
        if (!over) {
            over = true;
            watch.stop();
            upstream.close();
        }
    }
}
