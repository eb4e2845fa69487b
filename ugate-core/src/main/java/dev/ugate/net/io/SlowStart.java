package dev.ugate.net.io;

import dev.ugate.model.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * What may be held for an accepted connection, here and in the kernel, until its client has proven to read (L30, ADR 0022). Whom we dial
 * is of our own choosing and has none.
 */
public final class SlowStart {
    /** What the kernel may hold that was not sent yet; an accepted socket has it from its listening one. */
    public static final IntegerUnixChannelOption UNSENT =
            new IntegerUnixChannelOption("TCP_NOTSENT_LOWAT", 6, 25); // <netinet/in.h>, <linux/tcp.h>

    /**
     * What is read at once for a client that has not proven quick; half of it is the high-water mark of what waits for it here, so that
     * one read reaches it, and twice as much may wait in the kernel, so that a quick one does not wait for us.
     */
    public static final int READ = 32 << 10;

    /** When no more may be written for it. */
    static final int HIGH = READ / 2;

    /** When it may again. */
    static final int LOW = READ / 4;

    /** The system's own bound of what is unsent. */
    private static final int USUAL = 0;

    /** Whoever took so much reads quickly: as much as one read takes, so that what it reads goes out in one write from then on. */
    private static final long PROVEN = 1 << 20;

    private long written;
    private boolean over;

    /**
     * Bounds what the kernel holds unsent for each connection that this socket will accept. Without it that is up to {@code tcp_wmem},
     * 4 MiB, in segments as small as the reader's window: filling it for a few hundred slow readers keeps a loop busy for seconds. Java's
     * own sockets do not know it.
     */
    public static void listening(Channel socket, Limits limits) {
        if (socket instanceof LeanServer || socket instanceof IoUringServerSocketChannel) {
            socket.config().setOption(UNSENT, Math.min(limits.relayBuffer().toInt(), 2 * READ));
        }
    }

    /**
     * Bounds what is held here for an accepted socket on io_uring; a {@link LeanSocket} does so by itself, without a handler. Java's own
     * have no bound in the kernel, whose appetite would pass for a quick reader.
     */
    public static void accepted(Channel socket) {
        if (socket instanceof IoUringSocketChannel) {
            socket.pipeline().addLast(new Writes(socket));
        }
    }

    /** That of the socket which carries a stream; null: over, or never needed. */
    static @Nullable SlowStart of(@Nullable Channel stream) {
        Channel at = stream;
        // Netty's own accepted sockets know who accepted them.
        while (at != null && at.parent() != null && !(at.parent() instanceof ServerChannel)) {
            at = at.parent();
        }
        if (at instanceof LeanSocket socket) {
            return socket.slowStart();
        }
        Writes writes = at == null ? null : at.pipeline().get(Writes.class);
        return writes == null ? null : writes.start;
    }

    /** Counts what is handed to the socket. */
    void writes(Object message) {
        if (!over && message instanceof ByteBuf bytes) {
            written += bytes.readableBytes();
        }
    }

    /** Whether it is over, with so much of what was handed over still waiting here. */
    boolean isOverWith(long waiting) {
        over = over || written - waiting >= PROVEN;
        return over;
    }

    boolean isOver() {
        return over;
    }

    /** Takes the kernel's bound away: it costs a quick reader a write and a wake-up for each part that fits into it. */
    static void end(Channel socket) {
        socket.config().setOption(UNSENT, USUAL);
    }

    /** The bounds of a socket whose class is Netty's own. */
    private static final class Writes extends ChannelOutboundHandlerAdapter {
        private final SlowStart start = new SlowStart();
        private final WriteBufferWaterMark usual;

        Writes(Channel accepted) {
            usual = accepted.config().getWriteBufferWaterMark();
            accepted.config()
                    .setWriteBufferWaterMark(
                            new WriteBufferWaterMark(Math.min(LOW, usual.low()), Math.min(HIGH, usual.high())));
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            start.writes(message);
            ctx.write(message, promise);
            ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
            if (waiting != null && start.isOverWith(waiting.totalPendingWriteBytes())) { // null: closed
                ctx.channel().config().setWriteBufferWaterMark(usual);
                end(ctx.channel());
                ctx.pipeline().remove(this);
            }
        }
    }
}
