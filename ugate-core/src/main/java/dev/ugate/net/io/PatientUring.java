package dev.ugate.net.io;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.concurrent.TimeUnit;

/**
 * io_uring handlers that go on writing to a peer that half-closed, and hear of a reset. The kernel ends every poll of a half-closed
 * socket at once with POLLRDHUP, whatever was asked; Netty 4.2.18 takes the end of a poll for POLLOUT as news from the reader and waits for
 * it for ever: here it is asked again a little later. A reset may end a poll with POLLERR alone, which Netty drops, and with it the
 * connection's last event: here it wakes reader and writer. Pinned by {@code RelayTest} and {@code ResetsIT}.
 */
public final class PatientUring implements IoHandlerFactory {
    /** IORING_OP_POLL_ADD of linux/io_uring.h. */
    private static final byte POLL_ADD = 6;

    private static final int POLLIN = 0x1;
    private static final int POLLOUT = 0x4;
    private static final int POLLERR = 0x8;
    private static final int POLLHUP = 0x10;
    private static final int POLLRDHUP = 0x2000;
    private static final int ANYTHING = POLLIN | POLLOUT | POLLRDHUP;

    /** A full socket buffer a millisecond is faster than any reader that lets it fill. */
    private static final long PATIENCE_MILLIS = 1;

    private final IoHandlerFactory uring;

    public PatientUring(IoHandlerFactory uring) {
        this.uring = uring;
    }

    @Override
    public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new Handler(uring.newHandler(executor), (EventExecutor) executor);
    }

    @Override
    public boolean isChangingThreadSupported() {
        return uring.isChangingThreadSupported();
    }

    private record Handler(IoHandler uring, EventExecutor loop) implements IoHandler {
        @Override
        public void initialize() {
            uring.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
            return uring.run(context);
        }

        @Override
        public void prepareToDestroy() {
            uring.prepareToDestroy();
        }

        @Override
        public void destroy() {
            uring.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return uring.register(handle instanceof IoUringIoHandle own ? new Handle(own, loop) : handle);
        }

        @Override
        public void wakeup() {
            uring.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return uring.isCompatible(type);
        }
    }

    /** Netty closes handles itself, and offers no other way to make an event than the one it will hide. */
    @SuppressWarnings({"try", "deprecation"})
    private static final class Handle implements IoUringIoHandle {
        private final IoUringIoHandle own;
        private final EventExecutor loop;
        private boolean hungUp;

        Handle(IoUringIoHandle own, EventExecutor loop) {
            this.own = own;
            this.loop = loop;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            if (event instanceof IoUringIoEvent poll && poll.opcode() == POLL_ADD && poll.res() > 0) {
                ended(registration, poll);
            } else {
                own.handle(registration, event);
            }
        }

        private void ended(IoRegistration registration, IoUringIoEvent poll) {
            if ((poll.res() & (POLLERR | POLLHUP)) != 0) {
                own.handle(
                        registration, new IoUringIoEvent(poll.res() | ANYTHING, poll.flags(), POLL_ADD, poll.data()));
                return;
            }
            if ((poll.res() & ANYTHING) == POLLRDHUP) {
                if (hungUp) {
                    IoEvent writable = new IoUringIoEvent(POLLOUT, poll.flags(), POLL_ADD, poll.data());
                    loop.schedule(() -> own.handle(registration, writable), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                }
                // The poll that asked for just this: Netty keeps one a channel.
                hungUp = true;
            }
            own.handle(registration, poll);
        }

        @Override
        public void registered() {
            own.registered();
        }

        @Override
        public void unregistered() {
            own.unregistered();
        }

        @Override
        public void close() throws Exception {
            own.close();
        }
    }
}
