package dev.ugate.protocols.http.h1;

import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Failures;
import dev.ugate.net.Listener;
import dev.ugate.net.Reset;
import dev.ugate.protocols.http.h1.Watch.Wait;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Asking;
import dev.ugate.protocols.http.semantics.Disclosure;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.semantics.OwnAnswers;
import dev.ugate.protocols.http.semantics.Proxied;
import dev.ugate.protocols.http.wire.BodyFraming;
import dev.ugate.protocols.http.wire.Head;
import dev.ugate.protocols.http.wire.HeadParser;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Incoming;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.wire.RequestLine;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Journal;
import dev.ugate.spi.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The server side of one HTTP/1 connection (RFC 9112 §9): one exchange at a time, in order, until a CONNECT, an error or the end.
 * After any error there is one answer, then the end (G2).
 */
public final class ServerConnection extends ChannelInboundHandlerAdapter {
    /** How long an answered client may still send of its request (T39). */
    private static final Duration DRAIN = Duration.ofSeconds(1);

    private final Channel channel;
    private final Gate gate;
    private final Intake intake;
    private final Incoming<RequestLine> incoming;
    private final Watch watch;
    private final Departure departure;
    private @Nullable ServerExchange exchange;
    private boolean advancing;
    private boolean checking;

    public ServerConnection(Channel channel, Gate gate, Intake intake) {
        this.channel = channel;
        this.gate = gate;
        this.intake = intake;
        this.incoming = new Incoming<>(HeadParser.requests(settings().limits()));
        this.watch = new Watch(channel, this::late);
        this.departure = new Departure(new Outgoing(channel), this);
    }

    private Settings settings() {
        return Connection.of(channel).ingress().settings();
    }

    private Timeouts timeouts() {
        return settings().timeouts();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        watch.await(Wait.HEAD, timeouts().requestHead());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        departure.take();
        watch.stop();
        incoming.take().release();
        out().release();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (departure.taken()) {
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
        if (advancing || departure.taken()) {
            return;
        }
        advancing = true;
        try {
            while (step()) {
                // One head, or one part of a body, at a time.
            }
        } catch (Rejected rejected) {
            reject(rejected);
        } finally {
            advancing = false;
        }
        if (!departure.taken()) {
            incoming.trim();
            settle();
        }
    }

    private boolean step() {
        ServerExchange current = exchange;
        if (departure.taken() || checking) {
            return false;
        }
        if (current == null) {
            Head<RequestLine> head = incoming.head();
            if (head != null) {
                begin(head);
            }
            return head != null;
        }
        if (current.answered() && current.received()) {
            next(current);
            return true;
        }
        return current.feed(incoming);
    }

    private void begin(Head<RequestLine> head) {
        try {
            prove(head);
        } catch (Rejected rejected) {
            reject(rejected, head.line().isHead());
        }
    }

    private void prove(Head<RequestLine> head) {
        Hop hop = Hop.of(head.fields());
        watch.rest();
        Connection connection = Connection.of(channel);
        CompletableFuture<Optional<Identity>> proof =
                Intake.proof(hop, Proxied.by(head.line(), connection), connection);
        if (proof.isDone()) {
            begin(head, hop, Intake.found(proof));
            return;
        }
        checking = true;
        proof.whenComplete((found, failure) ->
                channel.eventLoop().execute(() -> Failures.run(channel, () -> checked(head, hop, proof))));
    }

    private void checked(Head<RequestLine> head, Hop hop, CompletableFuture<Optional<Identity>> proof) {
        checking = false;
        if (departure.taken()) {
            return;
        }
        try {
            begin(head, hop, Intake.found(proof));
        } catch (Rejected rejected) {
            reject(rejected, head.line().isHead());
        }
        advance();
    }

    private void begin(Head<RequestLine> head, Hop hop, Optional<Identity> proven) {
        Connection accepted = Connection.of(channel);
        Connection connection = proven.map(accepted.peer()::withIdentity)
                .map(accepted::withPeer)
                .orElse(accepted);
        BodyFraming framing = hop.request(head.line());
        Asking asking = Asking.of(head, hop, connection);
        if (head.line().isConnect()) {
            out().flushNow();
            Intent intent = intake.tunnel("connect", asking, connection);
            Tunnel tunnel = new Tunnel(channel, intent, incoming.take(), incoming.ended() ? Fin.FIN : null);
            channel.pipeline().replace(this, null, tunnel);
            gate.open(tunnel);
            return;
        }
        Answer answer = new Answer(out(), head.line(), hop, intake);
        Intake.Asked asked = intake.request(asking, connection);
        if (hop.upgradesTo(WebSocketKey.PROTOCOL, head.line().minor())) {
            upgrade(head, framing, asked, answer);
        } else {
            ServerExchange begun = new ServerExchange(this, asked, framing, answer);
            exchange = begun;
            if (!OwnAnswers.answered(asked, begun)) {
                gate.ask(begun);
            }
        }
    }

    private void upgrade(Head<RequestLine> head, BodyFraming framing, Intake.Asked asked, Answer answer) {
        if (!head.line().method().equals("GET") || !framing.equals(BodyFraming.NONE)) {
            throw Rejected.malformed("upgrade: expected GET without content");
        }
        out().flushNow();
        WebSocketKey key = WebSocketKey.of(head.fields());
        Upgrading upgrading = new Upgrading(channel, asked, key, answer);
        upgrading.replace(this, incoming.take(), incoming.ended() ? Fin.FIN : null);
        gate.ask(upgrading);
    }

    private void next(ServerExchange done) {
        exchange = null;
        done.end();
        if (done.answer().persistent()) {
            watch.await(Wait.NEXT_REQUEST, timeouts().keepAlive());
        } else {
            leave(Unpooled.EMPTY_BUFFER);
        }
    }

    /** Everything that came was looked at: wait for the right thing, and read only what can be taken. */
    private void settle() {
        if (checking) {
            channel.config().setAutoRead(false);
            return;
        }
        ServerExchange current = exchange;
        if (current == null) {
            if (incoming.ended()) {
                ended();
                return;
            }
            if (incoming.begun()) {
                watch.awaitOnce(Wait.HEAD, timeouts().requestHead());
            }
        } else if (incoming.ended() && !current.received()) {
            truncated(current);
            return;
        } else if (current.overdrawn()) {
            leave(Unpooled.EMPTY_BUFFER);
            return;
        } else if (!current.answered()) {
            awaitBody(current);
        }
        pace();
    }

    private void awaitBody(ServerExchange current) {
        if (!current.received() && !current.hungry()) {
            current.rests();
        }
        if (!current.received() && current.hungry()) {
            long idle = timeouts().exchange().bodyIdle().toNanos();
            watch.await(Wait.BODY, Duration.ofNanos(Math.min(idle, current.patience())));
        } else if (incoming.ended()) {
            // Perhaps it only ended its direction, perhaps it is gone: L24.
            watch.awaitOnce(Wait.ANSWER, timeouts().halfClosed());
        } else {
            watch.rest();
        }
    }

    private void truncated(ServerExchange current) {
        if (current.answered()) {
            leave(Unpooled.EMPTY_BUFFER);
        } else {
            reject(Rejected.malformed("body: the client ended it half way"));
        }
    }

    private void ended() {
        if (incoming.begun()) {
            reject(Rejected.malformed("head: the client ended it half way"));
        } else {
            leave(Unpooled.EMPTY_BUFFER);
        }
    }

    /** Whoever reads the body of the request has caught up. */
    void wanted() {
        ServerExchange current = exchange;
        if (current != null && !current.answered()) {
            awaitBody(current);
        }
        pace();
    }

    /** Reads while what comes can be taken; between the body and the answer only to see the client go. */
    private void pace() {
        ServerExchange current = exchange;
        if (!departure.taken()) {
            boolean reads = current == null || (current.received() ? incoming.readable() == 0 : current.hungry());
            if (reads != channel.config().isAutoRead()) {
                channel.config().setAutoRead(reads);
            }
        }
    }

    /** The answer of the exchange went out whole. */
    void answered(ServerExchange done) {
        if (!done.received()) {
            watch.awaitOnce(Wait.DRAIN, DRAIN);
        }
        advance();
    }

    private void late(Wait what) {
        switch (what) {
            case NEXT_REQUEST, DRAIN -> leave(Unpooled.EMPTY_BUFFER);
            case HEAD ->
                reject(timedOut("limit requestHead: head not complete within "
                        + timeouts().requestHead().toMillis() + "ms"));
            case BODY -> reject(timedOut(slow()));
            case ANSWER -> giveUp();
            case NOTHING -> {}
        }
    }

    private String slow() {
        boolean dribbles = exchange != null && exchange.patience() <= 0;
        return dribbles
                ? "limit minBodyRate: body slower than " + settings().limits().minBodyRate() + " octets a second"
                : "limit bodyIdle: no octet of the body within "
                        + timeouts().exchange().bodyIdle().toMillis() + "ms";
    }

    private void giveUp() {
        if (exchange != null && exchange.isOpen()) {
            abort();
        }
    }

    private static Rejected timedOut(String text) {
        return Rejected.because(408, Refusal.TIMED_OUT, text);
    }

    /** Of what is being read: a head, or the body of the exchange. */
    private void reject(Rejected rejected) {
        ServerExchange current = exchange;
        reject(
                rejected,
                current == null
                        ? incoming.asksForHead()
                        : current.answer().line().isHead());
    }

    /** One answer, where none was begun, then the end. */
    private void reject(Rejected rejected, boolean bodiless) {
        ServerExchange current = exchange;
        if (current != null && !current.isOpen()) {
            Reset.because(channel, rejected.why().in("http"));
            abort();
            return;
        }
        Connection connection = Connection.of(channel);
        Refused told = Disclosure.of(rejected, connection);
        int bytes = bodiless ? 0 : Answers.text(rejected.status(), told).length();
        if (current == null) {
            var answer = new Journal.Told(rejected.status(), bytes);
            settings().journal().failed(connection, "http", rejected.why().in("http"), answer);
        } else {
            current.givenUp(rejected, bytes);
        }
        leave(Answers.last(channel.alloc(), rejected.status(), told, bodiless));
    }

    private void leave(ByteBuf words) {
        departure.take();
        endExchange();
        departure.leave(words, incoming.ended());
    }

    /** The answer cannot be finished. */
    void abort() {
        if (!departure.taken()) {
            departure.take();
            endExchange();
            departure.abort();
        }
    }

    /** Somebody inside wrote an answer that cannot be sent: a bug, or an upstream's reply that slipped through. */
    void broken(ServerExchange current, Throwable why) {
        Failures.refused(why);
        if (current == exchange) {
            abort();
        }
    }

    private void endExchange() {
        ServerExchange current = exchange;
        exchange = null;
        if (current != null) {
            current.end();
        }
    }

    Channel channel() {
        return channel;
    }

    boolean isWritable() {
        return channel.isWritable();
    }

    Outgoing out() {
        return departure.out();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (exchange != null && channel.isWritable()) {
            exchange.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == Listener.DRAINING && exchange != null) {
            exchange.answer().isLast();
        } else if (event == Listener.DRAINING && !incoming.begun() && !checking && !departure.taken()) {
            leave(Unpooled.EMPTY_BUFFER);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        departure.take();
        endExchange();
        watch.stop();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Failures.refused(cause);
        abort();
    }
}
