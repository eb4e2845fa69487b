package dev.ugate.protocols.ssh.program;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/** What a program hears: written where that may wait; more is read when it took all. What it does not want is dropped. */
final class Input extends ChannelInboundHandlerAdapter {
    private final OutputStream to;
    private final Executor threads;
    private final Deque<Object> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean deaf;

    private Input(OutputStream to, Executor threads) {
        this.to = to;
        this.threads = threads;
    }

    static void pump(Channel from, OutputStream to, Executor threads) {
        Input input = new Input(to, threads);
        if (!from.isOpen()) {
            threads.execute(input::close);
            return;
        }
        from.pipeline().addLast(input);
        from.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        waiting.add(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        next(ctx);
    }

    private void next(ChannelHandlerContext ctx) {
        if (busy) {
            return;
        }
        Object message = waiting.poll();
        if (message == null) {
            ctx.read();
        } else if (message instanceof Fin) {
            busy = true; // For good: nothing comes behind an end.
            threads.execute(this::close);
        } else if (deaf) {
            ReferenceCountUtil.release(message);
            next(ctx);
        } else {
            busy = true;
            threads.execute(() -> write(ctx, (ByteBuf) message));
        }
    }

    private void write(ChannelHandlerContext ctx, ByteBuf bytes) {
        boolean taken = true;
        try {
            bytes.readBytes(to, bytes.readableBytes());
            to.flush();
        } catch (IOException broken) {
            taken = false;
        } finally {
            bytes.release();
        }
        boolean heard = taken;
        ctx.executor().execute(() -> {
            busy = false;
            deaf |= !heard;
            next(ctx);
        });
    }

    private void close() {
        try {
            to.close();
        } catch (IOException closed) {
            // The program went away first.
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        threads.execute(this::close);
    }
}
