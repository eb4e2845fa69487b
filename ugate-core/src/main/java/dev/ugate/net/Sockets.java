package dev.ugate.net;

import dev.ugate.model.Limits;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;

/** The options of every stream socket, accepted or dialled. */
final class Sockets {
    /** Reads grow to 1 MiB: on loopback and fast links the cost of a relay is system calls, not copying. */
    private static final RecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator(1024, 4096, 1 << 20).maxMessagesPerRead(2);

    // L26: 60 s idle, then 3 probes 10 s apart; unacknowledged data is given up after 60 s.
    private static final int KEEP_IDLE = 60;
    private static final int KEEP_INTERVAL = 10;
    private static final int KEEP_COUNT = 3;
    private static final int USER_TIMEOUT_MILLIS = 60_000;

    private Sockets() {}

    /** Sets half-closure, no delay, keepalive (L26), read sizes and the write high-water mark (L30). */
    static void tune(Channel channel, Limits limits) {
        ChannelConfig config = channel.config();
        int high = limits.relayBuffer().toInt();
        config.setWriteBufferWaterMark(new WriteBufferWaterMark(high / 2, high));
        config.setRecvByteBufAllocator(READS);
        config.setAllocator(PooledByteBufAllocator.DEFAULT);
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        if (channel instanceof SocketChannel socket) {
            socket.config().setTcpNoDelay(true);
            socket.config().setKeepAlive(true);
            keepAlive(channel, config);
        }
    }

    private static void keepAlive(Channel channel, ChannelConfig config) {
        if (channel instanceof EpollSocketChannel) {
            config.setOption(EpollChannelOption.TCP_KEEPIDLE, KEEP_IDLE);
            config.setOption(EpollChannelOption.TCP_KEEPINTVL, KEEP_INTERVAL);
            config.setOption(EpollChannelOption.TCP_KEEPCNT, KEEP_COUNT);
            config.setOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
        } else if (channel instanceof IoUringSocketChannel) {
            config.setOption(IoUringChannelOption.TCP_KEEPIDLE, KEEP_IDLE);
            config.setOption(IoUringChannelOption.TCP_KEEPINTVL, KEEP_INTERVAL);
            config.setOption(IoUringChannelOption.TCP_KEEPCNT, KEEP_COUNT);
            config.setOption(IoUringChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
        }
    }
}
