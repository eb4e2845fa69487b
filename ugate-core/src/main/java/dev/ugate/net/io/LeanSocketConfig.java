package dev.ugate.net.io;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketChannelConfig;
import java.io.IOException;

/** The options of a {@link LeanSocket}. Making one asks the kernel nothing, and closing the socket does not ask for SO_LINGER. */
final class LeanSocketConfig extends EpollChannelConfig implements SocketChannelConfig {
    private boolean allowHalfClosure;

    LeanSocketConfig(LeanSocket channel) {
        super(channel);
    }

    @Override
    protected LinuxSocket socket() {
        return super.socket();
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        if (option == ChannelOption.ALLOW_HALF_CLOSURE) {
            setAllowHalfClosure((Boolean) value);
        } else if (option == ChannelOption.SO_LINGER) {
            setSoLinger((Integer) value);
        } else if (option == ChannelOption.SO_SNDBUF) {
            setSendBufferSize((Integer) value);
        } else if (option == ChannelOption.SO_RCVBUF) {
            setReceiveBufferSize((Integer) value);
        } else if (option == ChannelOption.SO_KEEPALIVE) {
            setKeepAlive((Boolean) value);
        } else if (option == ChannelOption.TCP_NODELAY) {
            setTcpNoDelay((Boolean) value);
        } else {
            return super.setOption(option, value);
        }
        return true;
    }

    /** A call of the kernel for one option. */
    @FunctionalInterface
    private interface Call<T> {
        T make() throws IOException;
    }

    /** The same without an answer. */
    @FunctionalInterface
    private interface Order {
        void give() throws IOException;
    }

    private static <T> T ask(Call<T> call) {
        try {
            return call.make();
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    private LeanSocketConfig tell(Order order) {
        try {
            order.give();
            return this;
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    /** Netty asks at the peer's end: behind our own it is the last, for which there is nothing to shut down but to close. */
    @Override
    public boolean isAllowHalfClosure() {
        return allowHalfClosure && !socket().isOutputShutdown();
    }

    @Override
    public LeanSocketConfig setAllowHalfClosure(boolean allow) {
        allowHalfClosure = allow;
        return this;
    }

    @Override
    public boolean isTcpNoDelay() {
        return ask(socket()::isTcpNoDelay);
    }

    @Override
    public LeanSocketConfig setTcpNoDelay(boolean on) {
        return tell(() -> socket().setTcpNoDelay(on));
    }

    @Override
    public int getSoLinger() {
        return ask(socket()::getSoLinger);
    }

    @Override
    public LeanSocketConfig setSoLinger(int seconds) {
        return tell(() -> socket().setSoLinger(seconds));
    }

    @Override
    public int getSendBufferSize() {
        return ask(socket()::getSendBufferSize);
    }

    @Override
    public LeanSocketConfig setSendBufferSize(int bytes) {
        return tell(() -> socket().setSendBufferSize(bytes));
    }

    @Override
    public int getReceiveBufferSize() {
        return ask(socket()::getReceiveBufferSize);
    }

    @Override
    public LeanSocketConfig setReceiveBufferSize(int bytes) {
        return tell(() -> socket().setReceiveBufferSize(bytes));
    }

    @Override
    public boolean isKeepAlive() {
        return ask(socket()::isKeepAlive);
    }

    @Override
    public LeanSocketConfig setKeepAlive(boolean on) {
        return tell(() -> socket().setKeepAlive(on));
    }

    @Override
    public int getTrafficClass() {
        return ask(socket()::getTrafficClass);
    }

    @Override
    public LeanSocketConfig setTrafficClass(int trafficClass) {
        return tell(() -> socket().setTrafficClass(trafficClass));
    }

    @Override
    public boolean isReuseAddress() {
        return ask(socket()::isReuseAddress);
    }

    @Override
    public LeanSocketConfig setReuseAddress(boolean on) {
        return tell(() -> socket().setReuseAddress(on));
    }

    /** Ignored, as Linux has nothing like it. */
    @Override
    public LeanSocketConfig setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
        return this;
    }

    @Override
    public LeanSocketConfig setConnectTimeoutMillis(int millis) {
        super.setConnectTimeoutMillis(millis);
        return this;
    }

    @Override
    @Deprecated
    public LeanSocketConfig setMaxMessagesPerRead(int most) {
        super.setMaxMessagesPerRead(most);
        return this;
    }

    @Override
    public LeanSocketConfig setWriteSpinCount(int count) {
        super.setWriteSpinCount(count);
        return this;
    }

    @Override
    public LeanSocketConfig setAllocator(ByteBufAllocator allocator) {
        super.setAllocator(allocator);
        return this;
    }

    @Override
    public LeanSocketConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
        super.setRecvByteBufAllocator(allocator);
        return this;
    }

    @Override
    public LeanSocketConfig setAutoRead(boolean on) {
        super.setAutoRead(on);
        return this;
    }

    @Override
    @Deprecated
    public LeanSocketConfig setAutoClose(boolean on) {
        super.setAutoClose(on);
        return this;
    }

    @Override
    public LeanSocketConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
        super.setMessageSizeEstimator(estimator);
        return this;
    }

    /** The kernel's bound alone would leave here what it does not take. */
    @Override
    public int getWriteBufferHighWaterMark() {
        int high = super.getWriteBufferHighWaterMark();
        return startsSlowly() ? Math.min(high, SlowStart.HIGH) : high;
    }

    @Override
    public int getWriteBufferLowWaterMark() {
        int low = super.getWriteBufferLowWaterMark();
        return startsSlowly() ? Math.min(low, SlowStart.LOW) : low;
    }

    private boolean startsSlowly() {
        return ((LeanSocket) channel).slowStart() != null;
    }

    @Override
    public LeanSocketConfig setWriteBufferWaterMark(WriteBufferWaterMark mark) {
        super.setWriteBufferWaterMark(mark);
        return this;
    }
}
