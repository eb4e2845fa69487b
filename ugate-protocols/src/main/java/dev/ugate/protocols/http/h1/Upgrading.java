package dev.ugate.protocols.http.h1;

import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.EarlyReads;
import dev.ugate.net.Failures;
import dev.ugate.net.Farewell;
import dev.ugate.net.Reset;
import dev.ugate.protocols.http.semantics.Answers;
import dev.ugate.protocols.http.semantics.Disclosure;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to go on as WebSocket (RFC 9110 §7.8): what the client sends meanwhile is held until the 101, after which the connection is
 * the body of both; any other answer is the connection's last, so that early bytes are never read as a request (T38).
 */
final class Upgrading extends ChannelDuplexHandler implements Exchange {
    private enum Stage {
        ASKED,
        ANSWERING,
        OVER
    }

    private final Channel client;
    private final Intake.Asked asked;
    private final Request request;
    private final WebSocketKey key;
    private final Answer answer;
    private final EarlyReads early = new EarlyReads();
    private Stage stage = Stage.ASKED;
    private boolean framing;

    Upgrading(Channel client, Intake.Asked asked, WebSocketKey key, Answer answer) {
        this.client = client;
        this.asked = asked;
        this.key = key;
        this.answer = answer;
        answer.isLast();
        this.request = asked.request(-1, Optional.of(WebSocketKey.PROTOCOL), client);
    }

    /** Takes the place of the server and what it has not consumed; {@code fin} is the client's end where it has come already. */
    void replace(ChannelHandler server, ByteBuf rest, @Nullable Fin fin) {
        client.pipeline().replace(server, null, this);
        client.pipeline().addLast(early);
        ChannelHandlerContext own = client.pipeline().context(this);
        if (rest.isReadable()) {
            channelRead(own, rest);
        } else {
            rest.release();
        }
        if (fin != null) {
            channelRead(own, fin);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (stage == Stage.ASKED) {
            // One read over at most (L30).
            client.config().setAutoRead(false);
            ctx.fireChannelRead(message);
        } else {
            ReferenceCountUtil.release(message);
            if (message instanceof Fin && stage == Stage.OVER) {
                ctx.close();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override
    public Intent intent() {
        return asked.intent();
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public void inform(int status, Fields fields) {
        if (stage == Stage.ASKED) {
            answer.inform(status, fields);
            answer.out().flushNow();
        }
    }

    @Override
    public void reply(int status, Fields fields, long length, String version) {
        if (stage != Stage.ASKED) {
            return;
        }
        try {
            if (status == 200) {
                answer.switches(key, fields, version);
                goOn();
            } else {
                answer.head(status, Hop.passing(fields), length, version);
                answer.out().flushNow();
                stage = Stage.ANSWERING;
                forget();
            }
        } catch (Refused illegal) {
            refused(Refused.because(Refusal.INTERNAL, "reply: " + illegal.text()));
        }
    }

    private void goOn() {
        stage = Stage.OVER;
        answer.out().flushNow();
        client.config().setAutoRead(false);
        early.open();
        client.pipeline().remove(this);
    }

    /** Nobody will ever read what the client sent early. */
    private void forget() {
        if (client.pipeline().context(early) != null) {
            client.pipeline().remove(early);
        }
    }

    @Override
    public long refused(Refused why, Fields fields) {
        if (stage != Stage.ASKED) {
            return 0;
        }
        int status = Answers.status(why.reason(), asked.target());
        long bytes = answer.refused(status, Disclosure.of(why, status, asked.fields(), Connection.of(client)), fields);
        answer.out().handOver();
        leave();
        return bytes;
    }

    /** Frames the answer's body; what that writes in turn passes. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (framing || stage != Stage.ANSWERING) {
            ctx.write(message, promise);
            return;
        }
        framing = true;
        try {
            body(message);
            answer.out().handOver();
            promise.trySuccess();
        } catch (IllegalStateException | Refused | OutOfMemoryError wrong) {
            Failures.refused(wrong);
            Reset.close(client);
            promise.tryFailure(wrong);
        } finally {
            framing = false;
        }
    }

    private void body(Object message) {
        if (message instanceof Fin fin) {
            answer.finish(fin);
            answer.out().handOver();
            leave();
        } else {
            answer.write((ByteBuf) message);
        }
    }

    private void leave() {
        stage = Stage.OVER;
        forget();
        Farewell.say(client, Unpooled.EMPTY_BUFFER);
    }
}
