package dev.ugate.net.io;

import dev.ugate.model.Limits;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The options of every stream socket, accepted or dialled. */
public final class Sockets {
    // Values of Linux, <asm-generic/socket.h> and <netinet/tcp.h>: raw, so that a listening socket can hand them on.
    private static final int SOL_SOCKET = 1;
    private static final int SO_KEEPALIVE = 9;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_KEEPIDLE = 4;
    private static final int TCP_KEEPINTVL = 5;
    private static final int TCP_KEEPCNT = 6;
    private static final int TCP_INFO = 11;
    private static final int TCP_USER_TIMEOUT = 18;

    /** {@code struct tcp_info}, of <linux/tcp.h>: segments that were sent and not acknowledged, bytes that were not sent. */
    private static final int UNACKED_AT = 24;

    private static final int NOTSENT_AT = 144;
    private static final RawUnixChannelOption INFO =
            new RawUnixChannelOption("TCP_INFO", IPPROTO_TCP, TCP_INFO, NOTSENT_AT + Integer.BYTES);

    // L26: 60 s idle, then 3 probes 10 s apart; unacknowledged data is given up after 60 s.
    private static final int KEEP_IDLE = 60;
    private static final int KEEP_INTERVAL = 10;
    private static final int KEEP_COUNT = 3;
    private static final int USER_TIMEOUT_MILLIS = 60_000;

    private Sockets() {}

    public static boolean isIpv4(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet4Address;
    }

    /** Of a socket that is bound to {@code local}; null lets Netty choose one that speaks both, or IPv4 where there is no IPv6. */
    public static @Nullable SocketProtocolFamily family(SocketAddress local) {
        return isIpv4(local) ? SocketProtocolFamily.INET : null;
    }

    /** Sets half-closure, read sizes and the write high-water mark (L30). TCP_NODELAY is set where sockets are made. */
    public static void tune(Channel channel, Limits limits) {
        ChannelConfig config = channel.config();
        int high = limits.relayBuffer().toInt();
        config.setWriteBufferWaterMark(new WriteBufferWaterMark(high / 2, high));
        config.setRecvByteBufAllocator(new Reads(channel));
        config.setAllocator(PooledByteBufAllocator.DEFAULT);
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    /**
     * Turns keepalive on (L26). Accepted sockets have it from their listening socket; dialled ones get it when they have been idle for
     * a while, since five system calls are a tenth of a short connection's cost.
     */
    public static void keepAlive(Channel channel) {
        boolean raw =
                isNative(channel) || channel instanceof LeanServer || channel instanceof IoUringServerSocketChannel;
        if (raw && channel.isOpen()) {
            set(channel, "SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE, 1);
            set(channel, "TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE);
            set(channel, "TCP_KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL);
            set(channel, "TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT);
            set(channel, "TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MILLIS);
        } else if (channel instanceof SocketChannel socket && channel.isOpen()) {
            socket.config().setKeepAlive(true);
        }
    }

    private static boolean isNative(Channel channel) {
        return channel instanceof LeanSocket || channel instanceof IoUringSocketChannel;
    }

    /**
     * What the kernel still holds of what was written: 0 once the peer's host has all of it, and before a number that changes whenever
     * that host takes something. Always 0 of what is no TCP socket, and where nobody can tell: on NIO, in a sandbox that does not say.
     */
    public static long undelivered(Channel channel) {
        if (!isNative(channel) || !channel.isActive()) {
            return 0;
        }
        try {
            ByteBuffer info = channel.config().getOption(INFO).order(ByteOrder.nativeOrder());
            return Integer.toUnsignedLong(info.getInt(UNACKED_AT)) + Integer.toUnsignedLong(info.getInt(NOTSENT_AT));
        } catch (ChannelException unknown) {
            return 0;
        }
    }

    private static void set(Channel channel, String name, int level, int option, int value) {
        channel.config().setOption(new IntegerUnixChannelOption(name, level, option), value);
    }
}
