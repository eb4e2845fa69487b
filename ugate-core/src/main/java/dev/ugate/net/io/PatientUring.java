package dev.ugate.net.io;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * io_uring handlers that go on writing to a peer that half-closed, and hear of a reset. The kernel ends every poll of a half-closed
 * socket at once with POLLRDHUP, whatever was asked; Netty 4.2.18 takes the end of a poll for POLLOUT as news from the reader and waits for
 * it for ever: here it is asked again a little later. A reset may end a poll with POLLERR alone, which Netty drops, and with it the
 * connection's last event: here it wakes reader and writer, and each read of what is broken asks for the next, up to the end. When a loop
 * ends, Netty asks the kernel to hold back all that comes after the closes, which may be what they wait for: here it closes everything
 * first. What a read throws, mostly for want of memory, would end the loop: here it ends one stream, as on epoll. Tasks for later are with
 * {@link RingTimer}. Pinned by {@code RelayTest}, {@code ResetsIT}, {@code LoopsTest} and {@code ScarceMemoryIT}.
 */
public final class PatientUring implements IoHandlerFactory {
    /** IORING_OP_POLL_ADD of linux/io_uring.h. */
    private static final byte POLL_ADD = 6;

    /** IORING_OP_RECV. */
    private static final byte RECV = 27;

    /** ECANCELED of errno.h. */
    private static final int CANCELED = -125;

    /** IORING_CQE_F_MORE of linux/io_uring.h: a poll that goes on. */
    private static final int MORE = 0x2;

    private static final int POLLIN = 0x1;
    private static final int POLLOUT = 0x4;
    private static final int POLLERR = 0x8;
    private static final int POLLHUP = 0x10;
    private static final int POLLRDHUP = 0x2000;
    private static final int ANYTHING = POLLIN | POLLOUT | POLLRDHUP;

    /** A full socket buffer a millisecond is faster than any reader that lets it fill. */
    private static final long PATIENCE_MILLIS = 1;

    private static final Logger LOG = LoggerFactory.getLogger(PatientUring.class);

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

    /** The handler of one loop, which may be asked to close everything again and again. */
    static final class Handler implements IoHandler {
        private final IoHandler uring;
        private final EventExecutor loop;
        private final Set<Handle> registered = new HashSet<>();
        private final RingTimer timer = new RingTimer();
        private boolean drained;

        Handler(IoHandler uring, EventExecutor loop) {
            this.uring = uring;
            this.loop = loop;
        }

        /** Closes everything; for how much of it the kernel still has to answer. */
        int close() {
            List.copyOf(registered).forEach(Handle::closeQuietly);
            return registered.size();
        }

        @Override
        public void initialize() {
            uring.initialize();
            timer.join(uring);
        }

        @Override
        public int run(IoHandlerContext context) {
            return uring.run(timer.standIn(context));
        }

        @Override
        public void prepareToDestroy() {
            // Not with each round: it waits for all that is under way, and holds back all that is asked for later.
            if (close() > 0 || drained) {
                return;
            }
            drained = true;
            uring.prepareToDestroy();
        }

        @Override
        public void destroy() {
            uring.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            Handle own = new Handle((IoUringIoHandle) handle, this);
            IoRegistration registration = uring.register(own);
            registered.add(own);
            return registration;
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
        private final Handler handler;

        /** Whether it is one connection, which may end alone; others listen for many. */
        private final boolean stream;

        private boolean hungUp;
        private boolean broken;

        Handle(IoUringIoHandle own, Handler handler) {
            this.own = own;
            Class<?> channel = own.getClass().getEnclosingClass();
            this.stream = channel != null && DuplexChannel.class.isAssignableFrom(channel);
            this.handler = handler;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            try {
                take(registration, (IoUringIoEvent) event);
            } catch (OutOfMemoryError noBuffer) {
                if (stream) {
                    closeQuietly();
                } else {
                    handler.loop.schedule(
                            () -> handle(registration, readable()), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                }
            } catch (RuntimeException bug) {
                LOG.atError().setCause(bug).log("io_uring: bug");
                if (stream) {
                    closeQuietly();
                }
            }
        }

        private void take(IoRegistration registration, IoUringIoEvent done) {
            int result = done.res();
            if (done.opcode() == POLL_ADD && result > 0) {
                ended(registration, done);
                return;
            }
            boolean again = broken && done.opcode() == RECV && (result > 0 || result == CANCELED);
            own.handle(registration, done);
            if (again) {
                // The end is still to be read, and no poll will tell once more.
                own.handle(registration, readable());
            }
        }

        /** Of a poll that goes on. */
        private static IoUringIoEvent readable() {
            return new IoUringIoEvent(POLLIN, MORE, POLL_ADD, 0);
        }

        private void ended(IoRegistration registration, IoUringIoEvent poll) {
            if ((poll.res() & (POLLERR | POLLHUP)) != 0) {
                broken = true;
                // Of another poll: the one for reads goes on, and would keep the socket if Netty forgot it.
                int flags = (poll.res() & POLLIN) == 0 ? poll.flags() | MORE : poll.flags();
                own.handle(registration, new IoUringIoEvent(poll.res() | ANYTHING, flags, POLL_ADD, poll.data()));
                return;
            }
            if ((poll.res() & ANYTHING) == POLLRDHUP) {
                if (hungUp) {
                    IoEvent writable = new IoUringIoEvent(POLLOUT, poll.flags(), POLL_ADD, poll.data());
                    handler.loop.schedule(() -> handle(registration, writable), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
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
            handler.registered.remove(this);
            own.unregistered();
        }

        @Override
        public void close() throws Exception {
            own.close();
        }

        void closeQuietly() {
            try {
                own.close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("io_uring handle not closed");
            }
        }
    }
}
