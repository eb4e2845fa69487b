package dev.ugate.net;

import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelId;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.DefaultChannelPipeline;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.VoidChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.DefaultAttributeMap;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream that something else owns (a library's channel, one exchange of an HTTP connection, one UDP flow, another loop), lent to
 * an event loop as a channel of {@code ByteBuf} and {@link Fin} so that it can be relayed. The only legal bridge between loops.
 *
 * <p>Each request makes two of these. Hence it is no {@code AbstractChannel}: it has a pipeline and a configuration only once somebody wants
 * one.
 */
public final class ForeignChannel extends DefaultAttributeMap implements Channel {
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

    /** Nothing is read into a buffer of ours: one for all. */
    static final RecvByteBufAllocator UNUSED = new FixedRecvByteBufAllocator(1);

    /** Behind the last message of an owner that is gone. */
    private static final Object GONE = new Object();

    private final @Nullable Channel parent;
    private final Far far;
    private final ChannelId id = ForeignId.next();
    private final ChannelPromise gone = new DefaultChannelPromise(this);
    private final Deque<Object> arrived = new ArrayDeque<>(4);
    private final Unwritten unwritten;
    private boolean readWanted;
    private volatile @Nullable EventLoop loop;
    private volatile @Nullable ChannelPipeline pipeline;
    private volatile @Nullable ChannelConfig config;
    private volatile boolean registered;
    private volatile boolean closed;

    /** A stream holds no more than its connection may, and reads when it is told to. */
    private final class Config extends DefaultChannelConfig {
        Config() {
            super(ForeignChannel.this, UNUSED);
            setAutoRead(false);
        }

        @Override
        public int getWriteBufferHighWaterMark() {
            return atMostParents(super.getWriteBufferHighWaterMark());
        }

        @Override
        public int getWriteBufferLowWaterMark() {
            int low = super.getWriteBufferLowWaterMark();
            return parent == null ? low : Math.min(low, parent.config().getWriteBufferLowWaterMark());
        }
    }

    /** A channel that takes its addresses and connection from {@code parent}, where it has one; lend it to the loop that shall own it. */
    public ForeignChannel(@Nullable Channel parent, Far far) {
        this.parent = parent;
        this.far = far;
        this.unwritten = new Unwritten(this, far);
    }

    private int atMostParents(int high) {
        return parent == null ? high : Math.min(high, parent.config().getWriteBufferHighWaterMark());
    }

    /** Beyond how many bytes no more should be written. */
    int highWaterMark() {
        ChannelConfig known = config;
        return known == null ? atMostParents(WriteBufferWaterMark.DEFAULT.high()) : known.getWriteBufferHighWaterMark();
    }

    /** Whether a handler may hear of what happens. */
    boolean isHeard() {
        return pipeline != null;
    }

    /** It is about to be lent to that loop. */
    void ownedBy(EventLoop owner) {
        loop = owner;
    }

    /** Lends it to the loop that this is called on; like {@link EventLoop#register(Channel)} without a promise. */
    public void lend(EventLoop owner) {
        loop = owner;
        registered = true;
        if (pipeline != null) {
            pipeline().fireChannelRegistered();
            pipeline().fireChannelActive();
        }
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
    boolean isWhole() {
        return arrived.peekLast() instanceof Fin
                && (pipeline == null || pipeline().first() == null);
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

    /** Bytes that were written and not taken yet. */
    long pending() {
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

    /** Tells handlers, where there are any. */
    void writabilityChanged() {
        if (pipeline != null) {
            pipeline().fireChannelWritabilityChanged();
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

    /** Handlers come only now and then; from another thread the pipeline is made by whoever asks first. */
    @Override
    public ChannelPipeline pipeline() {
        ChannelPipeline known = pipeline;
        return known == null ? made() : known;
    }

    private ChannelPipeline made() {
        ChannelPipeline made;
        synchronized (arrived) {
            ChannelPipeline known = pipeline;
            if (known != null) {
                return known;
            }
            made = new DefaultChannelPipeline(this) {
                @Override
                protected void onUnhandledInboundException(Throwable cause) {
                    // What was not taken ends with the channel; who wrote it may have left, as a relay does.
                    if (!(cause instanceof ClosedChannelException)) {
                        super.onUnhandledInboundException(cause);
                    }
                }
            };
            pipeline = made;
        }
        EventLoop owner = loop;
        if (owner != null && owner.inEventLoop()) {
            made.fireChannelRegistered();
        } else if (owner != null) {
            owner.execute(made::fireChannelRegistered);
        }
        return made;
    }

    /** Whether there is nobody between a caller and the owner. */
    private boolean isDirect() {
        EventLoop owner = loop;
        return pipeline == null && owner != null && owner.inEventLoop();
    }

    @Override
    public ChannelFuture write(Object message, ChannelPromise promise) {
        if (!isDirect()) {
            return pipeline().write(message, promise);
        }
        unwritten.add(message, promise);
        return promise;
    }

    @Override
    public ChannelFuture write(Object message) {
        return write(message, newPromise());
    }

    @Override
    public ChannelFuture writeAndFlush(Object message, ChannelPromise promise) {
        if (!isDirect()) {
            return pipeline().writeAndFlush(message, promise);
        }
        unwritten.add(message, promise);
        unwritten.flush();
        return promise;
    }

    @Override
    public ChannelFuture writeAndFlush(Object message) {
        return writeAndFlush(message, newPromise());
    }

    @Override
    public Channel flush() {
        if (isDirect()) {
            unwritten.flush();
        } else {
            pipeline().flush();
        }
        return this;
    }

    @Override
    public Channel read() {
        if (isDirect()) {
            beginRead();
        } else {
            pipeline().read();
        }
        return this;
    }

    @Override
    public ChannelFuture close(ChannelPromise promise) {
        if (!isDirect()) {
            return pipeline().close(promise);
        }
        end(promise);
        return promise;
    }

    @Override
    public ChannelFuture close() {
        return closed ? gone : close(isDirect() ? gone : newPromise());
    }

    @Override
    public ChannelPromise newPromise() {
        return new DefaultChannelPromise(this);
    }

    @Override
    public ChannelPromise voidPromise() {
        ChannelPipeline known = pipeline;
        return known == null ? new VoidChannelPromise(this, true) : known.voidPromise();
    }

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

    @Override
    public boolean isWritable() {
        return !closed && unwritten.isWritable();
    }

    @Override
    public long bytesBeforeUnwritable() {
        long room = highWaterMark() - unwritten.bytes() + 1;
        return room > 0 && isWritable() ? room : 0;
    }

    @Override
    public long bytesBeforeWritable() {
        long surplus = unwritten.bytes() - config().getWriteBufferLowWaterMark() + 1;
        return surplus <= 0 || isWritable() ? 0 : surplus;
    }

    /** A number tells these channels apart; the usual name of machine, process and time costs more than what it would name. */
    @Override
    public ChannelId id() {
        return id;
    }

    @Override
    public EventLoop eventLoop() {
        EventLoop owner = loop;
        if (owner == null) {
            throw new IllegalStateException("channel not registered to an event loop");
        }
        return owner;
    }

    @Override
    public @Nullable Channel parent() {
        return parent;
    }

    @Override
    public ChannelConfig config() {
        ChannelConfig known = config;
        return known == null ? configured() : known;
    }

    private ChannelConfig configured() {
        synchronized (arrived) {
            ChannelConfig known = config;
            ChannelConfig made = known == null ? new Config() : known;
            config = made;
            return made;
        }
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
    public boolean isRegistered() {
        return registered;
    }

    @Override
    public boolean isActive() {
        return registered && !closed;
    }

    @Override
    public ChannelFuture closeFuture() {
        return gone;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return parent == null ? null : parent.localAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return parent == null ? null : parent.remoteAddress();
    }

    @Override
    public int compareTo(Channel other) {
        return this == other ? 0 : id().compareTo(other.id());
    }

    @Override
    public Unsafe unsafe() {
        return new ForeignUnsafe(this, unwritten);
    }
}
