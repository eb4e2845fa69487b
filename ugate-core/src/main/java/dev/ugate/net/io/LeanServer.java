package dev.ugate.net.io;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.AbstractEpollServerChannel;
import io.netty.channel.epoll.EpollChannelConfig;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.NativeInetAddress;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** A listening TCP socket on epoll that accepts {@link LeanSocket}s, several a turn. */
public final class LeanServer extends AbstractEpollServerChannel {
    /** As many as a turn can serve without letting the streams wait. */
    private static final int ACCEPTS_A_TURN = 16;

    private final Config config;
    private @Nullable InetSocketAddress reached;

    /** A socket that can be bound to {@code local}, with SO_REUSEADDR, and with TCP_NODELAY for those it accepts. */
    public LeanServer(SocketAddress local) throws IOException {
        super(LinuxSocket.newSocketStream(Sockets.family(local)), false);
        config = new Config(this);
        config.socket().setReuseAddress(true);
        config.socket().setTcpNoDelay(true);
    }

    @Override
    protected void doBind(SocketAddress local) throws Exception {
        super.doBind(local);
        config.socket().listen(config.backlog);
        InetSocketAddress bound = config.socket().localAddress();
        reached = bound.getAddress().isAnyLocalAddress() ? null : bound;
        active = true;
    }

    @Override
    protected Channel newChildChannel(int fd, byte[] remote, int offset, int length) {
        return new LeanSocket(LinuxSocket.newSocket(fd), NativeInetAddress.address(remote, offset, length), reached);
    }

    @Override
    public EpollChannelConfig config() {
        return config;
    }

    /** Knows one option more than every channel: SO_BACKLOG. */
    private static final class Config extends EpollChannelConfig {
        private int backlog = NetUtil.SOMAXCONN;

        Config(LeanServer channel) {
            super(channel, accepts());
        }

        /** Netty takes the number of an accepted descriptor for an amount of bytes; as such it says nothing about more to come. */
        private static RecvByteBufAllocator accepts() {
            return new ServerChannelRecvByteBufAllocator()
                    .respectMaybeMoreData(false)
                    .maxMessagesPerRead(ACCEPTS_A_TURN);
        }

        @Override
        public LinuxSocket socket() {
            return super.socket();
        }

        @Override
        public <T> boolean setOption(ChannelOption<T> option, T value) {
            if (option == ChannelOption.SO_BACKLOG) {
                backlog = (Integer) value;
                return true;
            }
            return super.setOption(option, value);
        }
    }
}
