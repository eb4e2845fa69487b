package dev.ugate.net.io;

import io.netty.channel.ChannelException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.Buffer;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoOps;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a ring. Netty 4.2.18 has the kernel make a timer each time that a loop with tasks for later begins to wait, and the first
 * event ends it: a busy loop pays for one a turn. This one stays until it is due, and moves where something is due before it.
 */
final class RingTimer implements IoUringIoHandle {
    /** IORING_OP_TIMEOUT and IORING_OP_TIMEOUT_REMOVE of linux/io_uring.h. */
    private static final byte TIMEOUT = 11;

    private static final byte TIMEOUT_REMOVE = 12;

    /** IORING_TIMEOUT_UPDATE: moves instead of removing. */
    private static final int UPDATE = 2;

    /** {@code struct __kernel_timespec}: seconds, nanoseconds. */
    private static final int TIMESPEC_SIZE = 16;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long NEVER = Long.MAX_VALUE;

    private final ByteBuffer timespec = ByteBuffer.allocateDirect(TIMESPEC_SIZE).order(ByteOrder.nativeOrder());
    private final long address = Buffer.memoryAddress(timespec);
    private @Nullable IoRegistration registration;
    private @Nullable Waiting waiting;
    private long timeout;
    private long due = NEVER;

    /** Before the first wait, on the loop. */
    void join(IoHandler ring) {
        try {
            registration = ring.register(this);
        } catch (Exception e) {
            throw new ChannelException("no timer in the ring", e);
        }
    }

    /** The loop as its ring shall see it: with nothing for later, since that is here. */
    IoHandlerContext standIn(IoHandlerContext loop) {
        if (waiting == null || waiting.loop != loop) {
            waiting = new Waiting(loop);
        }
        return waiting;
    }

    /** Whether the ring wakes its loop by then; false once it is closed. */
    private boolean wakes(IoHandlerContext loop, long deadline) {
        if (registration == null || !registration.isValid()) {
            return false;
        }
        if (deadline < due) {
            long delay = loop.delayNanos(System.nanoTime());
            timespec.putLong(0, delay / SECOND).putLong(Long.BYTES, delay % SECOND);
            if (due == NEVER) {
                timeout = registration.submit(operation(TIMEOUT, 0, address, 1, 0));
            } else {
                registration.submit(operation(TIMEOUT_REMOVE, address, timeout, 0, UPDATE));
            }
            due = deadline;
        }
        return true;
    }

    private static IoUringIoOps operation(byte code, long offset, long of, int count, int flags) {
        return new IoUringIoOps(
                code, (byte) 0, (short) 0, -1, offset, of, count, flags, 0L, (short) 0, (short) 0, 0, 0);
    }

    /** Of a timer that was moved too late the kernel says both; the loop sets it again. */
    @Override
    public void handle(IoRegistration from, IoEvent event) {
        if (((IoUringIoEvent) event).opcode() == TIMEOUT) {
            due = NEVER;
        }
    }

    @Override
    public void close() {
        if (registration != null && registration.isValid()) {
            if (due != NEVER) {
                registration.submit(operation(TIMEOUT_REMOVE, 0, timeout, 0, 0));
            }
            registration.cancel();
        }
    }

    /** What the ring asks its loop. */
    private final class Waiting implements IoHandlerContext {
        private final IoHandlerContext loop;

        Waiting(IoHandlerContext loop) {
            this.loop = loop;
        }

        @Override
        public boolean canBlock() {
            return loop.canBlock();
        }

        @Override
        public long delayNanos(long now) {
            return loop.delayNanos(now);
        }

        /** Asked when the ring is about to wait. */
        @Override
        public long deadlineNanos() {
            long deadline = loop.deadlineNanos();
            return deadline == -1 || wakes(loop, deadline) ? -1 : deadline;
        }

        @Override
        public boolean shouldReportActiveIoTime() {
            return loop.shouldReportActiveIoTime();
        }

        @Override
        public void reportActiveIoTime(long nanos) {
            loop.reportActiveIoTime(nanos);
        }
    }
}
