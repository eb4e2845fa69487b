package dev.ugate.net.io;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Epoll handlers that never lose a half-closed socket, and that tell the kernel of an interest once a turn at most. Netty 4.2.13–4.2.20
 * removes a descriptor without interest from the epoll set but goes on as if it were there: the next interest fails with ENOENT and the
 * connection dies with unsent data. Here such a descriptor stays in the set, parked edge-triggered with no interest. Pinned by
 * {@code HalfCloseTest}.
 *
 * <p>Netty also makes a system call for each change of interest, nine in the life of a short connection. Nobody sees a change before the
 * loop waits again, so it is told only then; and an interest that was lost is told only when an event came that nobody wants.
 *
 * <p>Of EPOLLRDHUP nobody hears: Netty would read all that the kernel holds of a peer that ended, however slow the reader behind it is
 * (L30). The end is found by reading, once that is wanted: readiness is level-triggered.
 */
public final class ParkingEpoll implements IoHandlerFactory {
    private static final Logger LOG = LoggerFactory.getLogger(ParkingEpoll.class);

    /** What a caller chooses to hear of; errors and hang-ups come unasked. */
    private static final int CHOSEN =
            EpollIoOps.EPOLLIN.value() | EpollIoOps.EPOLLOUT.value() | EpollIoOps.EPOLLRDHUP.value();

    private final IoHandlerFactory epoll;

    public ParkingEpoll(IoHandlerFactory epoll) {
        this.epoll = epoll;
    }

    @Override
    public IoHandler newHandler(ThreadAwareExecutor executor) {
        return new Handler(epoll.newHandler(executor), executor, new ArrayDeque<>());
    }

    @Override
    public boolean isChangingThreadSupported() {
        return epoll.isChangingThreadSupported();
    }

    private record Handler(IoHandler epoll, ThreadAwareExecutor loop, Queue<Interest> changed) implements IoHandler {
        @Override
        public void initialize() {
            epoll.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
            for (Interest next = changed.poll(); next != null; next = changed.poll()) {
                next.settle();
            }
            return epoll.run(context);
        }

        @Override
        public void prepareToDestroy() {
            epoll.prepareToDestroy();
        }

        @Override
        public void destroy() {
            epoll.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            Interest interest = new Interest((EpollIoHandle) handle, this);
            interest.epoll = epoll.register(interest);
            return interest;
        }

        @Override
        public void wakeup() {
            epoll.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return epoll.isCompatible(type);
        }
    }

    /** Stands between a channel and its registration: what the channel wants, and what the kernel was told. */
    private static final class Interest implements IoRegistration, EpollIoHandle {
        private final EpollIoHandle channel;
        private final Handler handler;
        private @Nullable IoRegistration epoll;
        private int wanted;
        private int told;
        private boolean queued;
        private boolean unwanted;

        Interest(EpollIoHandle channel, Handler handler) {
            this.channel = channel;
            this.handler = handler;
        }

        private IoRegistration epoll() {
            if (epoll == null) {
                throw new IllegalStateException("epoll: not registered");
            }
            return epoll;
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // Netty's signature
        public <T> T attachment() {
            return epoll().attachment();
        }

        @Override
        public long submit(IoOps ops) {
            if (!handler.loop.isExecutorThread(Thread.currentThread())) {
                handler.loop.execute(() -> submit(ops));
                return 0;
            }
            int asked = ((EpollIoOps) ops).value();
            int rest = asked & ~EpollIoOps.EPOLLRDHUP.value();
            // Netty registers a socket with EPOLLRDHUP alone: its errors are of interest from then on, and nothing
            // else.
            boolean first = rest == 0 && asked != 0 && told == 0;
            wanted = first ? EpollIoOps.EPOLLET.value() : rest;
            if ((wanted & ~told) != 0) {
                queue();
            }
            return wanted;
        }

        private void queue() {
            if (!queued) {
                queued = true;
                handler.changed.add(this);
            }
        }

        /** Tells the kernel what it does not know yet, unless the channel is gone or has changed its mind. */
        void settle() {
            queued = false;
            boolean less = unwanted;
            unwanted = false;
            int next = wanted == 0 && told != 0 ? EpollIoOps.EPOLLET.value() : wanted;
            if (next == told || !less && (wanted & ~told) == 0 || !epoll().isValid()) {
                return;
            }
            try {
                epoll().submit(EpollIoOps.valueOf(next));
                told = next;
            } catch (UncheckedIOException e) {
                LOG.atWarn().setCause(e).log("epoll interest not told");
                close();
            }
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            int happened = ((EpollIoEvent) event).ops().value();
            int surplus = happened & CHOSEN & ~wanted;
            if (surplus == 0) {
                channel.handle(this, event);
                return;
            }
            unwanted = true;
            queue();
            int rest = happened & ~surplus;
            if (rest != 0) {
                channel.handle(this, new Event(EpollIoOps.valueOf(rest)));
            }
        }

        @Override
        public FileDescriptor fd() {
            return channel.fd();
        }

        @Override
        public void registered() {
            channel.registered();
        }

        @Override
        public void unregistered() {
            channel.unregistered();
        }

        /** Netty's own closes throw nothing, whatever their interface says. */
        @Override
        public void close() {
            try {
                channel.close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("epoll handle not closed");
            }
        }

        @Override
        public boolean isValid() {
            return epoll().isValid();
        }

        @Override
        public boolean cancel() {
            return epoll().cancel();
        }
    }

    /** An event without what nobody wants. */
    private record Event(EpollIoOps ops) implements EpollIoEvent {}
}
