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
 * io_uring handlers that go on writing to a peer that half-closed. The kernel ends every poll of such a socket at once with POLLRDHUP,
 * whatever was asked; Netty 4.2.18 takes the end of a poll for POLLOUT as news from the reader and waits for it for ever. Here it is asked
 * again a little later. Pinned by {@code RelayTest}.
 */
public final class PatientUring implements IoHandlerFactory {
    /** IORING_OP_POLL_ADD of linux/io_uring.h. */
    private static final byte POLL_ADD = 6;

    private static final int POLLIN = 0x1;
    private static final int POLLOUT = 0x4;
    private static final int POLLRDHUP = 0x2000;

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
            if (event instanceof IoUringIoEvent poll && endedByHangUp(poll)) {
                if (hungUp) {
                    IoEvent writable = new IoUringIoEvent(POLLOUT, poll.flags(), POLL_ADD, poll.data());
                    loop.schedule(() -> own.handle(registration, writable), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                }
                // The poll that asked for just this: Netty keeps one a channel.
                hungUp = true;
            }
            own.handle(registration, event);
        }

        private static boolean endedByHangUp(IoUringIoEvent event) {
            return event.opcode() == POLL_ADD
                    && event.res() > 0
                    && (event.res() & (POLLRDHUP | POLLIN | POLLOUT)) == POLLRDHUP;
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
