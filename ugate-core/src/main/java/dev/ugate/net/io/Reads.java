package dev.ugate.net.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How much one read takes: up to 1 MiB, since on loopback and fast links the cost of a relay is system calls, not copying; less for
 * whoever has not proven to read quickly, and up to 64 KiB while {@link DirectMemory} is scarce, since a buffer lives until its last byte
 * is written, so that slow readers would hold that much each beyond the high-water mark (L30). It also lets Unix sockets half-close on
 * every backend.
 */
public final class Reads implements RecvByteBufAllocator {
    private static final int LEAST = 1024;
    private static final int FIRST = 4096;
    private static final int MOST = 1 << 20;
    private static final int FRUGAL = 64 << 10;

    private static final AdaptiveRecvByteBufAllocator ADAPTIVE = adaptive();

    private final DoubleSupplier taken;
    private final @Nullable DuplexChannel unix;
    private @Nullable SlowStart reader;

    /** For this stream socket. */
    public Reads(Channel socket) {
        this(DirectMemory::share, closesAtItsEnd(socket) ? (DuplexChannel) socket : null);
    }

    /** {@code taken} says how much of the memory is, 0 to 1; it is asked at each read. */
    Reads(DoubleSupplier taken) {
        this(taken, null);
    }

    private Reads(DoubleSupplier taken, @Nullable DuplexChannel unix) {
        this.taken = taken;
        this.unix = unix;
    }

    /** Netty 4.2.18 heeds ALLOW_HALF_CLOSURE where it is TCP or a Unix socket on epoll, and nowhere else. */
    private static boolean closesAtItsEnd(Channel socket) {
        return socket instanceof IoUringDomainSocketChannel || socket instanceof NioDomainSocketChannel;
    }

    @SuppressWarnings("deprecation") // Netty names no other place for it
    private static AdaptiveRecvByteBufAllocator adaptive() {
        AdaptiveRecvByteBufAllocator adaptive = new AdaptiveRecvByteBufAllocator(LEAST, FIRST, MOST);
        adaptive.maxMessagesPerRead(2);
        return adaptive;
    }

    /** What {@code source} reads from now on is for {@code reader}, or what that is a stream of; null: for nobody in particular. */
    public static void pace(Channel source, @Nullable Channel reader) {
        if (source.config().getRecvByteBufAllocator() instanceof Reads own) {
            own.reader = SlowStart.of(reader);
        }
    }

    @Override
    @SuppressWarnings("deprecation") // the interface of Netty names no other
    public Handle newHandle() {
        return new Frugal(ADAPTIVE.newHandle());
    }

    /** One socket's. */
    @SuppressWarnings("deprecation")
    private final class Frugal extends DelegatingHandle implements ExtendedHandle {
        private boolean paced;

        Frugal(Handle adaptive) {
            super(adaptive);
        }

        /** Each turn begins so. */
        @Override
        public void reset(ChannelConfig config) {
            SlowStart start = reader;
            paced = start != null && !start.isOver();
            super.reset(config);
        }

        /** At the end, before Netty looks: it closes a socket that may not half-close, unless the input is shut already. */
        @Override
        public void lastBytesRead(int bytes) {
            if (bytes < 0 && unix != null) {
                unix.shutdownInput();
            }
            super.lastBytesRead(bytes);
        }

        @Override
        public int guess() {
            int guess = delegate().guess();
            if (paced) {
                return Math.min(guess, SlowStart.READ);
            }
            return guess > FRUGAL && DirectMemory.isScarce(taken.getAsDouble()) ? FRUGAL : guess;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            return alloc.ioBuffer(guess());
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return ((ExtendedHandle) delegate()).continueReading(maybeMoreData);
        }
    }
}
