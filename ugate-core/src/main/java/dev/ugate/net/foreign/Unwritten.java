package dev.ugate.net.foreign;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What was written to a {@link ForeignChannel} and not taken by its owner yet: messages, each followed by its promise. */
final class Unwritten {
    private final LeanChannel channel;
    private final ForeignChannel.Far far;
    private final Deque<Object> queue = new ArrayDeque<>(8);
    private long bytes;
    private boolean full;
    private boolean flushing;
    private boolean again;

    Unwritten(LeanChannel channel, ForeignChannel.Far far) {
        this.channel = channel;
        this.far = far;
    }

    long bytes() {
        return bytes;
    }

    boolean isWritable() {
        return !full;
    }

    void add(Object message, ChannelPromise promise) {
        if (!channel.isOpen()) {
            ReferenceCountUtil.release(message);
            if (!promise.isVoid()) {
                promise.tryFailure(new ClosedChannelException());
            }
            return;
        }
        queue.add(message);
        queue.add(promise);
        again = true;
        bytes += size(message);
        if (!full && bytes > channel.highWaterMark()) {
            full = true;
            channel.writabilityChanged();
        }
    }

    private static int size(Object message) {
        return message instanceof ByteBuf content ? content.readableBytes() : 0;
    }

    /** The owner has room again; perhaps it came by it while it sends what it took. */
    void resume() {
        again = true;
        flush();
    }

    void flush() {
        if (flushing || queue.isEmpty()) {
            return;
        }
        flushing = true;
        try {
            if (channel.isActive()) {
                do {
                    again = false;
                    write();
                } while (again && !queue.isEmpty());
            } else {
                NotYetConnectedException why = new NotYetConnectedException();
                drop().forEach(promise -> promise.tryFailure(why));
            }
        } finally {
            flushing = false;
        }
    }

    private void write() {
        for (Object message = queue.peek(); message != null; message = queue.peek()) {
            // Now: the owner may pass the very buffer on to somebody who consumes it.
            int size = size(message);
            if (message instanceof Fin fin) {
                far.finish(fin);
            } else if (!all((ByteBuf) message, size)) {
                break;
            }
            if (queue.peek() == message) {
                remove(size);
            }
        }
        far.flush();
    }

    /** Whether the owner took all of it; what it took is gone either way. */
    private boolean all(ByteBuf content, int size) {
        int taken = far.write(content);
        if (queue.peek() != content || taken >= size) {
            return true;
        }
        content.skipBytes(taken);
        less(taken);
        return false;
    }

    private void remove(int size) {
        Object message = queue.remove();
        ChannelPromise promise = (ChannelPromise) queue.remove();
        ReferenceCountUtil.release(message);
        promise.trySuccess();
        less(size);
    }

    private void less(int octets) {
        bytes -= octets;
        if (full && bytes < channel.config().getWriteBufferLowWaterMark()) {
            full = false;
            channel.writabilityChanged();
        }
    }

    /** Nobody takes any of it any more; returns who is still to be told so. */
    List<ChannelPromise> drop() {
        if (queue.isEmpty()) {
            return List.of();
        }
        List<ChannelPromise> lost = new ArrayList<>();
        for (Object message = queue.poll(); message != null; message = queue.poll()) {
            ChannelPromise promise = (ChannelPromise) queue.remove();
            bytes -= size(message);
            ReferenceCountUtil.release(message);
            if (!promise.isVoid() || channel.isHeard()) {
                lost.add(promise);
            }
        }
        return lost;
    }

    /** Tells them that nobody did, as the channel closed. */
    static void fail(List<ChannelPromise> lost) {
        if (!lost.isEmpty()) {
            ClosedChannelException why = new ClosedChannelException();
            lost.forEach(promise -> promise.tryFailure(why));
        }
    }
}
