package dev.ugate.net;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A stream that something else owns (a library's channel, one exchange of an HTTP connection, one UDP flow, another loop), lent to
 * an event loop as a channel of {@code ByteBuf} and {@link Fin} so that it can be relayed. The only legal bridge between loops.
 */
public final class ForeignChannel extends AbstractChannel {
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

    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /** Nothing is read into a buffer of ours: one for all, as each request makes two of these channels. */
    private static final RecvByteBufAllocator UNUSED = new FixedRecvByteBufAllocator(1);

    private final ChannelConfig config = new DefaultChannelConfig(this, UNUSED) {};
    private final Deque<Object> arrived = new ArrayDeque<>(4);
    private final Far far;
    private boolean readWanted;
    private boolean resumed;
    private volatile boolean registered;
    private volatile boolean closed;

    /** A channel that takes its addresses and connection from {@code parent}, where it has one; register it on the loop that shall own it. */
    public ForeignChannel(@Nullable Channel parent, Far far) {
        super(parent);
        this.far = far;
        config.setAutoRead(false);
    }

    /** A number tells these channels apart; the usual name of machine, process and time costs more than what it would name. */
    @Override
    protected ChannelId newId() {
        return ForeignId.next();
    }

    /** Takes a {@code ByteBuf} or a {@link Fin} from the owner; on any thread, in order. */
    public void deliver(Object message) {
        EventLoop loop = eventLoop();
        if (loop.inEventLoop()) {
            offer(message);
            ready();
        } else {
            loop.execute(() -> {
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
        EventLoop loop = eventLoop();
        if (loop.inEventLoop()) {
            resumed = true;
            unsafe().flush();
        } else {
            loop.execute(this::resume);
        }
    }

    /** Whether everything up to the end is here and no handler waits for it. */
    boolean isWhole() {
        return arrived.peekLast() instanceof Fin && pipeline().first() == null;
    }

    /** Takes the next message, given away, past the pipeline; null when there is none. */
    @Nullable
    Object take() {
        return arrived.poll();
    }

    /** Messages that were delivered and not read yet. */
    public int waiting() {
        return arrived.size();
    }

    @Override
    protected void doBeginRead() {
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

    private void drainLater() {
        if (readWanted && arrived.isEmpty()) {
            far.read();
        } else if (readWanted) {
            drain();
        }
    }

    private void drain() {
        readWanted = false;
        for (Object message = arrived.poll(); message != null; message = arrived.poll()) {
            pipeline().fireChannelRead(message);
        }
        pipeline().fireChannelReadComplete();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        // The owner may come by room, and say so, while it sends what it took.
        do {
            resumed = false;
            take(out);
            far.flush();
        } while (resumed && !out.isEmpty());
    }

    private void take(ChannelOutboundBuffer out) {
        for (Object message = out.current(); message != null; message = out.current()) {
            if (message instanceof Fin fin) {
                far.finish(fin);
            } else {
                ByteBuf bytes = (ByteBuf) message;
                int taken = far.write(bytes);
                if (taken < bytes.readableBytes()) {
                    bytes.skipBytes(taken);
                    out.progress(taken);
                    break;
                }
            }
            out.remove();
        }
    }

    @Override
    protected void doRegister(ChannelPromise promise) {
        registered = true;
        promise.setSuccess();
    }

    @Override
    protected void doClose() {
        closed = true;
        for (Object message = arrived.poll(); message != null; message = arrived.poll()) {
            ReferenceCountUtil.release(message);
        }
        far.close();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException("bind");
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException("connect"));
            }
        };
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return parent() == null ? null : parent().localAddress();
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return parent() == null ? null : parent().remoteAddress();
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return registered && !closed;
    }
}
