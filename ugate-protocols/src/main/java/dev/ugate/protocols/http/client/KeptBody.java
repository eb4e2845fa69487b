package dev.ugate.protocols.http.client;

import dev.ugate.net.Relay;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Request;
import dev.ugate.spi.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt was sent of a request's body, so that the next one can be sent the same (RFC 9110 §9.2.2). It stands in front of
 * each attempt's relay and copies what passes, at most up to its bound: of a longer body nothing is kept.
 */
final class KeptBody extends ChannelDuplexHandler {
    private final int most;
    private @Nullable ByteBuf octets;
    private @Nullable Fin end;
    private State state = State.PASSES;

    private enum State {
        /** An attempt takes the body, or the first one is still to come. */
        PASSES,
        /** Between two attempts. */
        RESTS,
        /** Between two attempts more came than may be kept. */
        LOST
    }

    private KeptBody(long most) {
        this.most = (int) Math.min(most, Integer.MAX_VALUE);
    }

    /** Keeps the request's body, if it has one, from its first octet on, within {@code limits.retryBody}. */
    static void begin(Request request, Supplier<Settings> settings) {
        if (hasBody(request)) {
            long bound = settings.get().limits().upstream().retryBody().count();
            request.body().pipeline().addLast(new KeptBody(request.length() > bound ? 0 : bound));
        }
    }

    /** Whether nothing was sent of the request's body that could not be sent again. */
    static boolean isWhole(Request request) {
        if (!hasBody(request)) {
            return true;
        }
        KeptBody kept = of(request);
        return kept != null && kept.state != State.LOST;
    }

    /** Takes the body from the attempt that had it; the next one gets it from its beginning when it begins to read. */
    static void rest(Request request) {
        KeptBody kept = hasBody(request) ? of(request) : null;
        if (kept != null) {
            Relay.part(request.body());
            kept.state = State.RESTS;
        }
    }

    /** No other attempt follows. */
    static void drop(Request request) {
        KeptBody kept = hasBody(request) ? of(request) : null;
        if (kept != null) {
            request.body().pipeline().remove(kept);
        }
    }

    /** What asks for another protocol has its say only when that is granted. */
    private static boolean hasBody(Request request) {
        return request.length() != 0 && request.upgrade().isEmpty();
    }

    private static @Nullable KeptBody of(Request request) {
        return request.body().pipeline().get(KeptBody.class);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        boolean kept = keep(ctx, message);
        if (state == State.PASSES) {
            if (!kept) {
                ctx.pipeline().remove(this);
            }
            ctx.fireChannelRead(message);
            return;
        }
        ReferenceCountUtil.release(message);
        if (!kept) {
            state = State.LOST;
            release();
        }
    }

    /**
     * Keeps a copy: many small parts would hold as many buffers of a read, each larger than they. Where memory is short the attempt
     * matters more than the next one: nothing is kept.
     */
    private boolean keep(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Fin fin) {
            end = fin;
            return true;
        }
        ByteBuf part = (ByteBuf) message;
        ByteBuf before = octets;
        int length = part.readableBytes();
        if (state == State.LOST || length > most - (before == null ? 0 : before.readableBytes())) {
            return false;
        }
        try {
            ByteBuf all = before == null ? ctx.alloc().buffer(length, most) : before;
            octets = all;
            all.writeBytes(part, part.readerIndex(), length);
            return true;
        } catch (OutOfMemoryError noBuffers) {
            return false;
        }
    }

    /** The next attempt begins to read. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (state == State.RESTS) {
            state = State.PASSES;
            again(ctx);
            if (state == State.RESTS || !ctx.channel().config().isAutoRead()) {
                return;
            }
        }
        ctx.read();
    }

    private void again(ChannelHandlerContext ctx) {
        if (octets != null) {
            // A copy: what is kept moves in memory when more comes, perhaps while a socket still sends this.
            ctx.fireChannelRead(octets.copy());
        }
        // The attempt may have failed over the octets.
        if (end != null && state == State.PASSES) {
            ctx.fireChannelRead(end);
        }
        if (state == State.PASSES) {
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        release();
    }

    private void release() {
        if (octets != null) {
            octets.release();
            octets = null;
        }
    }
}
