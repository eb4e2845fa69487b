package dev.ugate.protocols.http.h1;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.ProxyError;
import dev.ugate.net.Failures;
import dev.ugate.net.Relay;
import dev.ugate.net.Reset;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.net.io.Reads;
import dev.ugate.protocols.http.h1.Watch.Wait;
import dev.ugate.protocols.http.semantics.Lease;
import dev.ugate.protocols.http.wire.BodyFraming;
import dev.ugate.protocols.http.wire.BodyReader;
import dev.ugate.protocols.http.wire.Head;
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
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request on its upstream connection and the reply that comes back. Its channel is where the reply is read from and where the
 * request's body is written to; it outlives its place on the connection until the reply was read.
 */
final class UpstreamExchange implements ForeignChannel.Far, Lease {
    private static final int UPGRADED = 200;

    private final ClientConnection connection;
    private final Timeouts timeouts;
    private final ForeignChannel body;
    private final Ends ends = new Ends();
    private @Nullable Sent sent;
    private @Nullable BodyReader reader;
    private @Nullable Reply untold;

    UpstreamExchange(ClientConnection connection, Timeouts timeouts) {
        this.connection = connection;
        this.timeouts = timeouts;
        this.body = new ForeignChannel(connection.channel(), this);
    }

    /** The channel that stands for the place. */
    Channel open() {
        body.lend(connection.channel().eventLoop());
        body.attr(Lease.KEY).set(this);
        return body;
    }

    /** No other exchange follows on the connection. */
    void isLast() {
        ends.last();
    }

    @Override
    public void send(Request request, Informational informational, Promise<Reply> reply) {
        request.body().closeFuture().addListener(closed -> {
            // From a switch on the relay decides: a client that ended and heard the end is closed while its last octets
            // wait here.
            if (!ends.isSwitched()) {
                body.close();
            }
        });
        reply.addListener(done -> {
            if (!done.isSuccess()) {
                if (request.length() != 0) {
                    Relay.part(request.body());
                }
                body.close();
            }
        });
        Sent asked = Sent.of(request, informational, reply);
        sent = asked;
        if (ends.isOver()) {
            reply.tryFailure(Refused.untouched(Refusal.UNREACHABLE, "upstream: went away before the request"));
            return;
        }
        Channel upstream = connection.channel();
        Reads.pace(upstream, request.body()); // which is where its reply goes
        try {
            connection.out().begin(OriginRequest.head(upstream.alloc(), request, asked.key()));
        } catch (Refused illegal) {
            fail(illegal);
            return;
        }
        if (request.length() == 0) {
            ends.wentOut();
        } else if (asked.key() == null) {
            // Whoever asked for an upgrade joins both bodies when it is granted.
            Relay.oneWay(request.body(), body, timeouts);
        }
        // Who waits for 100 sends nothing before the upstream speaks.
        awaitReply(ends.isOut() || asked.key() != null || request.fields().has("expect"));
        connection.out().flush();
    }

    @Override
    public boolean isOut() {
        return ends.isOut();
    }

    /** Looks at what came. */
    void advance() {
        Incoming<StatusLine> incoming = connection.incoming();
        Sent asked = sent;
        if (asked == null) {
            fail(Refused.because(Refusal.UNREACHABLE, "upstream: spoke before it was asked"));
            return;
        }
        try {
            heads(incoming, asked);
            if (reader != null && !ends.isOver()) {
                body(incoming, reader, asked);
            }
        } catch (Rejected rejected) {
            ProxyError error = asked.key() == null ? ProxyError.HTTP_PROTOCOL_ERROR : ProxyError.HTTP_UPGRADE_FAILED;
            fail(Refused.because(Refusal.UNREACHABLE, "reply: " + rejected.why().text())
                    .as(error));
        }
        if (!ends.isOver() && incoming.ended()) {
            ended("ended");
        }
    }

    private void heads(Incoming<StatusLine> incoming, Sent asked) {
        while (reader == null && !ends.isOver()) {
            Head<StatusLine> head = incoming.head();
            if (head == null) {
                return;
            }
            Hop hop = Hop.of(head.fields());
            Fields fields = hop.endToEnd(head.fields());
            if (head.line().status() == 101 && asked.key() != null) {
                switched(asked, asked.key(), hop, head, fields);
            } else if (head.line().isInformational()) {
                inform(asked, head.line().status(), fields);
            } else {
                reply(asked, head.line(), hop, fields);
            }
        }
    }

    /** From here on both bodies are octets as they are. */
    private void switched(Sent asked, WebSocketKey key, Hop hop, Head<StatusLine> head, Fields passing) {
        if (!hop.upgradesTo(WebSocketKey.PROTOCOL, head.line().minor()) || !key.isAcceptedBy(head.fields())) {
            throw Rejected.malformed("status 101: expected websocket and the answer to our key");
        }
        ends.switched();
        reader = BodyReader.of(BodyFraming.UNTIL_CLOSE);
        connection.watch().rest();
        Fields kept = passing.without(WebSocketKey.OF_THE_HOP::contains).build();
        if (!asked.reply()
                .trySuccess(new Reply(UPGRADED, kept, -1, body, head.line().version()))) {
            body.close();
        }
    }

    private void inform(Sent asked, int status, Fields fields) {
        if (status == 101) {
            throw Rejected.malformed("status 101: expected no upgrade that nobody asked for");
        }
        if (status == 100 && !ends.isOut()) {
            awaitReply(false);
        }
        asked.informational().inform(status, fields);
    }

    private void reply(Sent asked, StatusLine line, Hop hop, Fields fields) {
        if (asked.key() != null && line.status() / 100 == 2) {
            // A 200 would be taken for the upgrade that it is not.
            throw Rejected.malformed("status " + line.status() + ": expected 101 to an upgrade");
        }
        boolean toHead = asked.request().method().equals("HEAD");
        BodyFraming framing = hop.reply(line, toHead);
        reader = BodyReader.of(framing);
        if (!hop.persists(line.minor())) {
            ends.last();
        }
        long length = toHead || line.status() == 304 ? hop.announced() : framing.length();
        untold = new Reply(line.status(), fields, length, body, line.version());
    }

    private void body(Incoming<StatusLine> incoming, BodyReader from, Sent asked) {
        incoming.body(from, body::offer);
        boolean whole = from.done();
        if (whole) {
            complete(from);
        }
        tell(asked);
        body.ready();
        if (whole) {
            return;
        }
        if (body.waiting() > 0) {
            connection.channel().config().setAutoRead(false);
            connection.watch().rest();
        } else if (!ends.isOver()) {
            awaitMore();
        }
    }

    /** Told with what has come of the body, so that head and body leave together and a whole reply needs no relay. */
    private void tell(Sent asked) {
        Reply reply = untold;
        if (reply != null) {
            untold = null;
            if (!asked.reply().trySuccess(reply)) {
                body.close();
            }
        }
    }

    /** The relay of an upgraded exchange has deadlines of its own. */
    private void awaitMore() {
        if (!ends.isSwitched()) {
            connection.watch().await(Wait.BODY, timeouts.exchange().replyIdle());
        }
    }

    /** The reply is here: who reads it last needs the connection no more. */
    private void complete(BodyReader from) {
        ends.over();
        body.offer(Fin.with(from.trailers()));
        if (ends.reusable()) {
            connection.free(this);
        } else if (ends.isOut()) {
            connection.leave();
        } else {
            connection.discard();
        }
    }

    /** The upstream sends nothing more: the end of a body that ends so, else a break. */
    private void ended(String how) {
        if (ends.isSwitched() && connection.incoming().ended()) {
            if (ends.cameIn()) {
                body.offer(Fin.FIN);
                body.ready();
            }
        } else if (reader != null
                && reader.endsByClose()
                && connection.incoming().ended()) {
            complete(reader);
            body.ready();
        } else {
            boolean heard = reader != null || connection.incoming().begun();
            String text = "upstream: " + how + " " + step();
            Refused why =
                    heard ? Refused.because(Refusal.UNREACHABLE, text) : Refused.unanswered(Refusal.UNREACHABLE, text);
            fail(why.as(ProxyError.CONNECTION_TERMINATED));
        }
    }

    /** How far the reply is. */
    private String step() {
        if (reader != null) {
            return "within the body of its reply: expected " + reader.rest();
        }
        return connection.incoming().begun() ? "within the head of its reply" : "before its reply";
    }

    /** No reply, or no end of it: who waits is told, who reads sees a break. */
    void fail(Refused why) {
        if (ends.isOver()) {
            return;
        }
        ends.over();
        connection.discard();
        if (sent != null) {
            sent.reply().tryFailure(why);
            if (sent.reply().isSuccess()) {
                Relay.cut(body, why);
            }
        }
        body.close();
    }

    void late(Wait what) {
        boolean head = what == Wait.HEAD;
        Duration limit =
                head ? timeouts.exchange().firstByte() : timeouts.exchange().replyIdle();
        String text = head ? "upstream: no byte of its reply within " : "upstream: no byte of its reply's body within ";
        fail(Refused.because(Refusal.TIMED_OUT, text + limit.toMillis() + "ms").as(ProxyError.HTTP_RESPONSE_TIMEOUT));
    }

    /** The connection is gone, which {@code how} tells about. */
    void disconnected(String how) {
        if (ends.bothWays()) {
            // Both directions ended: what is left to read is here already.
            ends.over();
        } else if (ends.isSwitched() && !ends.isOver()) {
            fail(Refused.because(Refusal.UNREACHABLE, "upstream: " + how + " within the upgraded connection"));
        } else if (!ends.isOver()) {
            ended(how);
        }
    }

    /** The connection can take more of the request. */
    void writable() {
        if (sent != null) {
            awaitReply(ends.isOut());
        }
        body.resume();
    }

    @Override
    public int write(ByteBuf bytes) {
        Channel upstream = connection.channel();
        int length = bytes.readableBytes();
        if (ends.isOver() || sent == null || !upstream.isActive()) {
            return length; // The reply is here or never comes: nobody wants the rest of the request.
        }
        if (!upstream.isWritable()) {
            awaitReply(true);
            return 0;
        }
        try {
            // The second owner is the connection's outbound buffer.
            sent.writer().write(bytes.retain(), connection.out()::write);
        } catch (IllegalStateException | OutOfMemoryError wrong) {
            fail(Failures.refused(wrong));
        }
        awaitReply(!upstream.isWritable());
        return length;
    }

    /** Of the request's end, or where the upstream takes no more of it; else it is the client that is waited for. */
    private void awaitReply(boolean due) {
        if (reader == null && !ends.isOver()) {
            if (due) {
                connection.watch().await(Wait.HEAD, timeouts.exchange().firstByte());
            } else {
                connection.watch().rest();
            }
        }
    }

    @Override
    public void finish(Fin fin) {
        if (ends.isOver() || sent == null) {
            return;
        }
        Channel upstream = connection.channel();
        try {
            sent.writer().finish(upstream.alloc(), Hop.trailers(fin.trailers()), connection.out()::write);
            if (ends.isSwitched()) {
                connection.out().handOver();
                upstream.write(Fin.FIN);
            }
            ends.wentOut();
        } catch (IllegalStateException | Refused | OutOfMemoryError wrong) {
            fail(Failures.refused(wrong));
        }
        awaitReply(ends.isOut());
    }

    @Override
    public void flush() {
        if (!ends.isOver()) {
            connection.out().flush();
        }
    }

    @Override
    public void read() {
        if (!ends.isOver()) {
            connection.channel().config().setAutoRead(true);
            if (reader != null) {
                awaitMore();
            }
        }
    }

    @Override
    public void close() {
        if (ends.isOver()) {
            return;
        }
        ends.over();
        if (sent == null) {
            connection.free(this);
        } else if (ends.bothWays()) {
            connection.leave();
        } else if (ends.isSwitched()) {
            // Half of a tunnel must not look like all of it.
            Reset.close(connection.channel());
            connection.discard();
        } else {
            connection.discard();
        }
    }
}
