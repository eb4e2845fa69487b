package dev.ugate.net;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Offers the first bytes to each sniffer in order, then hands the connection to the protocol that matched and removes itself, which
 * replays the bytes. Silence or bytes that nobody knows go to the listener's fallback, or are closed.
 */
public final class Detector extends ByteToMessageDecoder {
    /** Fired as a user event on a connection whose server spoke first: what it speaks will not be seen in the client's first bytes. */
    public static final Object SERVER_FIRST = new Object() {
        @Override
        public String toString() {
            return "SERVER_FIRST";
        }
    };

    /** The word under which undetected connections are logged and counted. */
    public static final String UNKNOWN = "unknown";

    private static final Duration ONE_TURN = Duration.ofMillis(1);

    private final List<Protocol> protocols;
    private final @Nullable Protocol fallback;
    private final @Nullable Protocol silent;
    private final Gate gate;
    private final long entered = System.nanoTime();
    private @Nullable Future<?> deadline;
    private boolean done;

    private Detector(List<Protocol> protocols, @Nullable Protocol fallback, @Nullable Protocol silent, Gate gate) {
        this.protocols = protocols;
        this.fallback = fallback;
        this.silent = silent;
        this.gate = gate;
    }

    /**
     * Recognises the connection: at once where a protocol is demanded or was negotiated by ALPN, else from its first bytes. Bytes held
     * are bounded by {@code limits.sniffBytes}, time by {@code timeouts.sniff}, silence before a fallback, or before the listener's protocol of
     * silent clients, by {@code sniffGrace}.
     */
    public static void begin(Channel channel, List<Protocol> protocols, @Nullable Protocol fallback, Gate gate) {
        Connection connection = Connection.of(channel);
        for (Protocol protocol : protocols) {
            boolean negotiated =
                    connection.alpn().filter(protocol.alpn()::contains).isPresent();
            if (protocol.demanded(connection)
                    || negotiated && connection.ingress().serves(protocol.name())) {
                connection.ingress().settings().journal().detected(connection, protocol.name(), Duration.ZERO);
                protocol.serve(channel, gate);
                return;
            }
        }
        channel.pipeline().addLast(new Detector(protocols, fallback, silent(connection, protocols), gate));
    }

    /** What a client speaks that waits for the server to begin. */
    private static @Nullable Protocol silent(Connection connection, List<Protocol> protocols) {
        Optional<String> word = connection.ingress().arrival().silent();
        return word.isEmpty()
                ? null
                : protocols.stream()
                        .filter(protocol -> protocol.name().equals(word.get()))
                        .findFirst()
                        .orElse(null);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Timeouts timeouts = Connection.of(ctx.channel()).ingress().settings().timeouts();
        Duration sniff = timeouts.sniff();
        Duration grace = timeouts.sniffGrace();
        if (fallback == null && silent == null) {
            await(ctx, sniff, () -> silent(ctx, sniff));
        } else {
            // After a stall of the loop the timer comes before the read that was waiting: give the read one turn.
            await(
                    ctx,
                    grace,
                    () -> await(ctx, ONE_TURN, () -> {
                        if (actualReadableBytes() == 0) {
                            silent(ctx, grace);
                        } else {
                            await(ctx, sniff.minus(grace), () -> silent(ctx, sniff));
                        }
                    }));
        }
    }

    private void await(ChannelHandlerContext ctx, Duration wait, Runnable then) {
        deadline = ctx.executor().schedule(then, wait.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void silent(ChannelHandlerContext ctx, Duration waited) {
        if (silent != null && actualReadableBytes() == 0 && !done) {
            choose(ctx, silent);
            return;
        }
        unknown(
                ctx,
                Refusal.TIMED_OUT,
                "limit sniff: " + actualReadableBytes() + " bytes within " + waited.toMillis()
                        + "ms match no protocol");
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (done) {
            return;
        }
        Connection connection = Connection.of(ctx.channel());
        boolean full = in.readableBytes()
                >= connection.ingress().settings().limits().sniffBytes().count();
        boolean more = false;
        for (Protocol protocol : protocols) {
            if (connection.ingress().serves(protocol.name())) {
                Verdict verdict = protocol.sniffer().peek(in);
                if (verdict == Verdict.MATCH && !more) {
                    choose(ctx, protocol);
                    return;
                }
                // When no more may be held, what wants more does not match.
                more |= verdict == Verdict.MORE && !full;
            }
        }
        if (!more) {
            String bound = full ? "limit sniffBytes: " : "";
            unknown(ctx, Refusal.MALFORMED, bound + "first bytes match no protocol");
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        // Gone before it was known: nothing to decide.
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (!(message instanceof Fin)) {
            super.channelRead(ctx, message);
        } else if (actualReadableBytes() == 0) {
            stop();
            ctx.close();
        } else {
            unknown(ctx, Refusal.MALFORMED, "ended after " + actualReadableBytes() + " bytes that match no protocol");
            ctx.fireChannelRead(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == SERVER_FIRST) {
            unknown(ctx, Refusal.MALFORMED, "the server spoke first");
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        stop();
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        boolean undecided = !done && (actualReadableBytes() > 0 || !(cause instanceof IOException));
        stop();
        if (undecided) {
            Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
            fail(ctx, Failures.refused(root));
        }
        ctx.close();
    }

    private void choose(ChannelHandlerContext ctx, Protocol protocol) {
        stop();
        Connection connection = Connection.of(ctx.channel());
        connection
                .ingress()
                .settings()
                .journal()
                .detected(connection, protocol.name(), Duration.ofNanos(System.nanoTime() - entered));
        protocol.serve(ctx.channel(), gate);
        ctx.pipeline().remove(this);
    }

    private void unknown(ChannelHandlerContext ctx, Refusal reason, String what) {
        if (done || ctx.isRemoved()) {
            return;
        }
        if (fallback != null) {
            choose(ctx, fallback);
            return;
        }
        stop();
        fail(ctx, Refused.because(reason, what));
        ctx.close();
    }

    private static void fail(ChannelHandlerContext ctx, Refused why) {
        Connection connection = Connection.of(ctx.channel());
        connection.ingress().settings().journal().failed(connection, UNKNOWN, why.in("detect"));
    }

    private void stop() {
        done = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
