package dev.ugate.net.foreign;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** What pipelines and loops ask of a {@link ForeignChannel}. */
final class ForeignUnsafe implements Channel.Unsafe {
    private final LeanChannel channel;
    private final Unwritten unwritten;

    ForeignUnsafe(LeanChannel channel, Unwritten unwritten) {
        this.channel = channel;
        this.unwritten = unwritten;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface of Netty names no other
    public RecvByteBufAllocator.Handle recvBufAllocHandle() {
        return LeanChannel.UNUSED.newHandle();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return channel.localAddress();
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return channel.remoteAddress();
    }

    @Override
    public void register(EventLoop owner, ChannelPromise promise) {
        channel.ownedBy(owner);
        if (owner.inEventLoop()) {
            channel.lend(owner);
            promise.trySuccess();
        } else {
            owner.execute(() -> {
                channel.lend(owner);
                promise.trySuccess();
            });
        }
    }

    @Override
    public void bind(SocketAddress local, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException("bind"));
    }

    @Override
    public void connect(SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException("connect"));
    }

    @Override
    public void deregister(ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException("deregister"));
    }

    @Override
    public void disconnect(ChannelPromise promise) {
        channel.end(promise);
    }

    @Override
    public void close(ChannelPromise promise) {
        channel.end(promise);
    }

    @Override
    public void closeForcibly() {
        channel.end(voidPromise());
    }

    @Override
    public void beginRead() {
        channel.beginRead();
    }

    @Override
    public void write(Object message, ChannelPromise promise) {
        unwritten.add(message, promise);
    }

    @Override
    public void flush() {
        unwritten.flush();
    }

    @Override
    public ChannelPromise voidPromise() {
        return channel.voidPromise();
    }

    @Override
    public @Nullable ChannelOutboundBuffer outboundBuffer() {
        return null;
    }
}
