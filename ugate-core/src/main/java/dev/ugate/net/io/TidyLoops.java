package dev.ugate.net.io;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Event loops that close what is registered before they end. Netty 4.2.18 closes it between I/O and tasks of one round, and a loop that
 * hears of its end among the tasks of a round ends with that very round: its sockets stayed open for as long as the process did, and
 * engines of TLS were not given back. Closes on io_uring want rounds of their own. Pinned by {@code LoopsTest}.
 */
public final class TidyLoops extends MultiThreadIoEventLoopGroup {
    /** For closes that the kernel has to answer for. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Logger LOG = LoggerFactory.getLogger(TidyLoops.class);

    public TidyLoops(int count, ThreadFactory threads, IoHandlerFactory handlers) {
        super(count, threads, handlers);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory handlers, Object... more) {
        return new Loop(this, executor, handlers);
    }

    private static final class Loop extends SingleThreadIoEventLoop {
        private long begun;

        Loop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory handlers) {
            super(parent, executor, handlers);
        }

        /** Asked at the end of each round, and first where Netty may not have looked. */
        @Override
        protected boolean confirmShutdown() {
            if (isShuttingDown() && !isShutdown()) {
                ioHandler().prepareToDestroy();
            }
            return super.confirmShutdown() && !waits();
        }

        /** Whether another round begins at once, in which the kernel may answer. */
        private boolean waits() {
            int open = isShutdown() || !(ioHandler() instanceof PatientUring.Handler uring) ? 0 : uring.close();
            if (open == 0) {
                return false;
            }
            long now = System.nanoTime();
            begun = begun == 0 ? now : begun;
            boolean more = now - begun < PATIENCE_NANOS;
            if (more) {
                execute(() -> {});
            } else {
                LOG.atWarn().addKeyValue("sockets", open).log("io_uring did not give back what a loop closed");
            }
            return more;
        }
    }
}
