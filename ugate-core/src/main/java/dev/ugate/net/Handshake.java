package dev.ugate.net;

import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Dialogue.Continue;
import dev.ugate.net.Dialogue.More;
import dev.ugate.net.Dialogue.Open;
import dev.ugate.net.Dialogue.Outcome;
import dev.ugate.net.Dialogue.Wait;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Stream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Talks one {@link Dialogue} with a client until its intent is known, then stops consuming and is the stream's voice. Its removal
 * replays whatever the client sent early.
 */
public final class Handshake extends ByteToMessageDecoder implements Stream {
    private final String protocol;
    private final Dialogue dialogue;
    private final Gate gate;
    private final Channel client;
    private @Nullable Object earlyFin;
    private @Nullable Intent intent;
    private @Nullable Future<?> deadline;
    private boolean waiting;
    private boolean answered;
    private boolean refused;

    private Handshake(Channel client, String protocol, Dialogue dialogue, Gate gate) {
        this.client = client;
        this.protocol = protocol;
        this.dialogue = dialogue;
        this.gate = gate;
    }

    /** Begins the dialogue at the end of the connection's pipeline; {@code timeouts.handshake} bounds it. */
    public static void begin(Channel connection, Gate gate, String protocol, Dialogue dialogue) {
        connection.pipeline().addLast(new Handshake(connection, protocol, dialogue, gate));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Duration limit =
                Connection.of(ctx.channel()).ingress().settings().timeouts().handshake();
        deadline = ctx.executor()
                .schedule(
                        () -> fail(Refused.because(
                                Refusal.TIMED_OUT, "limit handshake: not complete within " + limit.toMillis() + "ms")),
                        limit.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (intent == null && !answered && !waiting) {
            step(ctx, in);
        }
    }

    private void step(ChannelHandlerContext ctx, ByteBuf in) {
        Outcome outcome = dialogue.read(ctx.channel(), in);
        if (outcome instanceof Open open) {
            cancelDeadline();
            intent = open.intent();
            gate.open(this);
        } else if (outcome instanceof Continue onward) {
            cancelDeadline();
            answered = true;
            onward.next().run();
            ctx.pipeline().remove(this);
        } else if (outcome instanceof Wait wait) {
            waiting = true;
            client.config().setAutoRead(false);
            wait.until().whenComplete((done, failure) -> client.eventLoop().execute(() -> goOn(ctx)));
        } else if (!(outcome instanceof More)) {
            throw new IllegalStateException("outcome " + outcome + ": unknown");
        }
    }

    /** What the dialogue waited for is there. */
    private void goOn(ChannelHandlerContext ctx) {
        waiting = false;
        if (answered || ctx.isRemoved() || !client.isActive()) {
            return;
        }
        client.config().setAutoRead(true);
        try {
            step(ctx, internalBuffer());
        } catch (RuntimeException | OutOfMemoryError wrong) {
            exceptionCaught(ctx, wrong);
        }
        if (earlyFin != null && !waiting) {
            endedEarly();
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        // The client is gone: nobody is left to answer, and half a handshake is no intent.
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (refused) {
            ctx.fireChannelRead(message);
        } else if (message instanceof Fin) {
            earlyFin = message;
            if (!waiting) {
                endedEarly();
            }
        } else {
            super.channelRead(ctx, message);
        }
    }

    private void endedEarly() {
        if (intent == null) {
            fail(Refused.malformed(
                    "handshake: client ended it after " + actualReadableBytes() + " bytes of a message"));
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        cancelDeadline();
        if (earlyFin != null && !refused) {
            ctx.fireChannelRead(earlyFin);
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        cancelDeadline();
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        fail(Failures.refused(root));
    }

    @Override
    public Intent intent() {
        if (intent == null) {
            throw new IllegalStateException("handshake " + protocol + ": not complete");
        }
        return intent;
    }

    @Override
    public Channel channel() {
        return client;
    }

    @Override
    public void accepted(Channel upstream) {
        answered = true;
        if (!client.isActive()) {
            return;
        }
        ByteBuf yes = dialogue.yes(client, upstream);
        if (yes.isReadable()) {
            client.writeAndFlush(yes);
        } else {
            yes.release();
        }
        client.pipeline().remove(this);
    }

    @Override
    public void refused(Refused why) {
        if (!answered) {
            answered = true;
            refused = true;
            if (waiting) {
                client.config().setAutoRead(true);
            }
            cancelDeadline();
            Farewell.say(client, dialogue.no(client, why));
            ChannelHandlerContext own = client.pipeline().context(this);
            if (earlyFin != null && own != null) {
                own.fireChannelRead(earlyFin);
            }
        }
    }

    /** The dialogue broke before there was an intent. */
    private void fail(Refused why) {
        if (!answered && intent == null) {
            Connection connection = Connection.of(client);
            connection.ingress().settings().journal().failed(connection, protocol, why.in(protocol));
            refused(why);
        } else if (!answered) {
            client.close();
        }
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }
}
