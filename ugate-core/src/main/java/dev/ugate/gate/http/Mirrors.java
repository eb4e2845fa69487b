package dev.ugate.gate.http;

import dev.ugate.model.Intent;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.RoundTrip;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Sends copies of requests and throws their replies away; what a mirror cannot take in time is dropped and counted. */
public final class Mirrors {
    /** Copies that may be under way at once, so that a mirror that never answers costs no more than these. */
    private static final int MAX_LIVE = 256;

    private final AtomicLong live = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    /** Copies that are under way. */
    public long live() {
        return live.get();
    }

    /** Copies that were begun. */
    public long sent() {
        return sent.get();
    }

    /** Copies that were not begun, or given up because the mirror was slower than the request. */
    public long dropped() {
        return dropped.get();
    }

    /** Sends a copy, of whose body at most {@code most} bytes wait; called before anybody reads the request's body. */
    public void copy(RoundTrip roundTrip, Intent intent, Request request, long most) {
        if (live.get() >= MAX_LIVE) {
            dropped.incrementAndGet();
            return;
        }
        live.incrementAndGet();
        sent.incrementAndGet();
        Copy copy = new Copy(request, most, dropped::incrementAndGet);
        Request copied = copy.request(request);
        copied.body().closeFuture().addListener(closed -> live.decrementAndGet());
        Future<Reply> reply = roundTrip.send(intent, copied, Informational.IGNORED);
        copied.body().closeFuture().addListener(closed -> reply.cancel(false));
        reply.addListener(done -> {
            if (reply.isSuccess()) {
                Reply answer = reply.getNow();
                answer.body().closeFuture().addListener(closed -> copied.body().close());
                answer.body().pipeline().addLast(new Discard());
                answer.body().config().setAutoRead(true);
            } else {
                copied.body().close();
            }
        });
    }

    /** Reads a reply to its end for nobody. */
    private static final class Discard extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
            if (message instanceof dev.ugate.spi.Fin) {
                ctx.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
