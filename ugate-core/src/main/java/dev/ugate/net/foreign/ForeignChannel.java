package dev.ugate.net.foreign;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream that something else owns (a library's channel, one exchange of an HTTP connection, one UDP flow, another loop), lent to
 * an event loop as a channel of {@code ByteBuf} and {@link Fin} so that it can be relayed. The only legal bridge between loops.
 */
public final class ForeignChannel extends LeanChannel {
    /** The owner's side; called on the channel's event loop and must not block. */
    public interface Far {
        /** Takes readable bytes (borrowed) and returns how many were accepted; the rest waits for {@link #resume}. */
        int write(ByteBuf bytes);

        /** Everything that could be written for now was written. */
        default void flush() {}

        /** This side ends; everything written before was accepted. A {@link #flush} follows. */
        void finish(Fin fin);

        /** The channel wants more messages by {@link #deliver}; called once each time it begins to wait. */
        void read();

        /** The channel was closed from this side or by {@link Channel#close}; called once. */
        void close();
    }

    /** Behind the last message of an owner that is gone. */
    private static final Object GONE = new Object();

    private final Far far;
    private final Deque<Object> arrived = new ArrayDeque<>(4);
    private boolean readWanted;

    /** A channel that takes its addresses and connection from {@code parent}, where it has one; lend it to the loop that shall own it. */
    public ForeignChannel(@Nullable Channel parent, Far far) {
        super(parent, far);
        this.far = far;
    }

    /** Takes a {@code ByteBuf} or a {@link Fin} from the owner; on any thread, in order. */
    public void deliver(Object message) {
        EventLoop owner = eventLoop();
        if (owner.inEventLoop()) {
            offer(message);
            ready();
        } else {
            owner.execute(() -> {
                offer(message);
                ready();
            });
        }
    }

    /** Like {@link #deliver}, on the channel's loop, for one of several messages; {@link #ready} passes them on as one read. */
    public void offer(Object message) {
        if (closed) {
            ReferenceCountUtil.release(message);
        } else {
            arrived.add(message);
        }
    }

    /** Passes on what was offered if the channel reads; on the channel's loop. */
    public void ready() {
        if (readWanted && !arrived.isEmpty()) {
            drain();
        }
    }

    /** The owner can take more bytes; on any thread. */
    public void resume() {
        EventLoop owner = eventLoop();
        if (owner.inEventLoop()) {
            unwritten.resume();
        } else {
            owner.execute(unwritten::resume);
        }
    }

    /** Whether everything up to the end is here and no handler waits for it. */
    public boolean isWhole() {
        return arrived.peekLast() instanceof Fin
                && (pipeline == null || pipeline().first() == null);
    }

    /** Takes the next message, given away, past the pipeline; null when there is none. */
    public @Nullable Object take() {
        return arrived.poll();
    }

    /** Messages that were delivered and not read yet. */
    public int waiting() {
        return arrived.size();
    }

    /** Bytes that were written and not taken yet. */
    public long pending() {
        return unwritten.bytes();
    }

    private void drain() {
        readWanted = false;
        ChannelPipeline readers = pipeline();
        Object message = arrived.poll();
        while (message != null && message != GONE) {
            readers.fireChannelRead(message);
            message = arrived.poll();
        }
        readers.fireChannelReadComplete();
        if (message == GONE) {
            lost();
        }
    }

    private void drainLater() {
        if (readWanted && arrived.isEmpty()) {
            far.read();
        } else if (readWanted) {
            drain();
        }
    }

    /** Its owner has nobody behind it any more: closes past the handlers, whose words would reach nobody. On the loop. */
    public void lost() {
        end(gone);
    }

    /** The same behind what is here to its end, once that was read; a handler does. */
    public void lostOnceRead() {
        if (arrived.peekLast() instanceof Fin) {
            arrived.add(GONE);
        } else {
            lost();
        }
    }

    @Override
    void end(ChannelPromise promise) {
        if (closed) {
            gone.addListener(done -> promise.trySuccess());
            return;
        }
        closed = true;
        for (Object message = arrived.poll(); message != null; message = arrived.poll()) {
            ReferenceCountUtil.release(message);
        }
        closeFar();
        List<ChannelPromise> lost = unwritten.drop();
        ChannelPipeline known = pipeline;
        if (known != null && registered) {
            // Not now: a handler may have closed the channel in the middle of its own work. But before those who close
            // with this channel: a relay takes the first that it hears of for the one that left.
            eventLoop().execute(() -> leave(known, lost));
        } else {
            Unwritten.fail(lost);
        }
        gone.trySuccess();
        promise.trySuccess();
    }

    /** An owner that cannot say the end of one of its streams, for want of memory, is to end itself. */
    private void closeFar() {
        try {
            far.close();
        } catch (RuntimeException | OutOfMemoryError wrong) {
            (parent == null ? this : parent).pipeline().fireExceptionCaught(wrong);
        }
    }

    private void leave(ChannelPipeline known, List<ChannelPromise> lost) {
        known.fireChannelInactive();
        // Only now, for the same reason: a write that fails is news of a channel that left, too.
        Unwritten.fail(lost);
        registered = false;
        known.fireChannelUnregistered();
    }

    @Override
    void beginRead() {
        if (readWanted) {
            return;
        }
        readWanted = true;
        if (arrived.isEmpty()) {
            far.read();
        } else {
            eventLoop().execute(this::drainLater);
        }
    }
}
