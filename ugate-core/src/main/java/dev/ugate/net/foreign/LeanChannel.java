package dev.ugate.net.foreign;

import dev.ugate.net.foreign.ForeignChannel.Far;
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
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A channel that has a pipeline and a configuration only once somebody wants one: each request makes two of these, hence it is no {@code
 * AbstractChannel}. Until then what is asked of it goes past handlers that are not there.
 */
abstract class LeanChannel extends DefaultAttributeMap implements Channel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /** Nothing is read into a buffer of ours: one for all. */
    static final RecvByteBufAllocator UNUSED = new FixedRecvByteBufAllocator(1);

    final ChannelPromise gone = new DefaultChannelPromise(this);
    final Unwritten unwritten;
    final @Nullable Channel parent;
    private final ChannelId id = ForeignId.next();
    private volatile @Nullable EventLoop loop;
    volatile @Nullable ChannelPipeline pipeline;
    private volatile @Nullable ChannelConfig config;
    volatile boolean registered;
    volatile boolean closed;

    /** A stream holds no more than its connection may, and reads when it is told to. */
    private final class Config extends DefaultChannelConfig {
        Config() {
            super(LeanChannel.this, UNUSED);
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

    LeanChannel(@Nullable Channel parent, Far far) {
        this.parent = parent;
        this.unwritten = new Unwritten(this, far);
    }

    /** Wants more messages from its owner. */
    abstract void beginRead();

    /** Closes it, unless it is closed already; {@code promise} hears of that. */
    abstract void end(ChannelPromise promise);

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

    /** Tells handlers, where there are any. */
    void writabilityChanged() {
        if (pipeline != null) {
            pipeline().fireChannelWritabilityChanged();
        }
    }

    /** Handlers come only now and then; from another thread the pipeline is made by whoever asks first. */
    @Override
    public ChannelPipeline pipeline() {
        ChannelPipeline known = pipeline;
        return known == null ? made() : known;
    }

    private ChannelPipeline made() {
        ChannelPipeline made;
        synchronized (unwritten) {
            ChannelPipeline known = pipeline;
            if (known != null) {
                return known;
            }
            made = new DefaultChannelPipeline(this) {
                @Override
                protected void onUnhandledInboundException(Throwable cause) {
                    // What was not taken ends with the channel; who wrote it may have left, as a relay does.
                    if (cause instanceof OutOfMemoryError) {
                        end(gone);
                    } else if (!(cause instanceof ClosedChannelException)) {
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
        synchronized (unwritten) {
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
