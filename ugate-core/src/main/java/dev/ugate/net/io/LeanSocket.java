package dev.ugate.net.io;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.UnresolvedAddressException;
import org.jspecify.annotations.Nullable;

/**
 * Netty's TCP socket on epoll without the system calls that a proxied connection does not need: addresses are asked for when somebody
 * wants them, options are not read back, a closed descriptor is not taken out of the epoll set, which it has left by itself.
 */
public final class LeanSocket extends AbstractEpollStreamChannel implements SocketChannel {
    private final LeanSocketConfig config;
    private @Nullable SlowStart slowStart;
    private @Nullable InetSocketAddress peer;
    private @Nullable InetSocketAddress own;
    private boolean closing;

    /** A socket that can connect to {@code remote}: an IPv4 socket for an IPv4 address, since one that speaks both costs a call more. */
    public LeanSocket(SocketAddress remote) throws IOException {
        super(LinuxSocket.newSocketStream(family(remote)), false);
        config = new LeanSocketConfig(this);
        config.socket().setTcpNoDelay(true);
    }

    /** An accepted socket; it has TCP_NODELAY from its listening one, and its address where that has a single one. */
    LeanSocket(LinuxSocket accepted, InetSocketAddress remote, @Nullable InetSocketAddress reached) {
        super(accepted, false);
        config = new LeanSocketConfig(this);
        slowStart = new SlowStart();
        peer = remote;
        own = reached;
        active = true;
    }

    private static SocketProtocolFamily family(SocketAddress remote) {
        return Sockets.isIpv4(remote) ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
    }

    /**
     * On this machine the handshake is over before {@code connect} returns, which says EINPROGRESS nevertheless. Asking again costs one
     * call; waiting for the loop to tell costs four, a turn and a timer.
     */
    @Override
    protected boolean doConnect(SocketAddress remote, @Nullable SocketAddress local) throws Exception {
        InetSocketAddress address = (InetSocketAddress) remote;
        if (address.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        boolean done = false;
        try {
            if (local != null) {
                config.socket().bind(local);
            }
            peer = address;
            boolean connected = config.socket().connect(address)
                    || address.getAddress().isLoopbackAddress()
                            && config.socket().connect(address);
            if (!connected) {
                setFlag(EpollIoOps.EPOLLOUT.value());
            }
            done = true;
            return connected;
        } finally {
            if (!done) {
                doClose();
            }
        }
    }

    /** Without the exception, stack and all, that Netty makes each time for writes that may come afterwards; here they make it. */
    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        ChannelOutboundBuffer waiting = unsafe().outboundBuffer();
        if (!eventLoop().inEventLoop() || waiting == null || waiting.totalPendingWriteBytes() != 0) {
            return super.shutdownOutput(promise);
        }
        try {
            doShutdownOutput();
            return promise.setSuccess();
        } catch (Exception e) {
            return promise.setFailure(e);
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (isOutputShutdown()) {
            throw new IllegalStateException("socket: write after its end");
        }
        SlowStart start = slowStart;
        if (start != null) {
            start.writes(message);
        }
        return super.filterOutboundMessage(message);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws Exception {
        super.doWrite(out);
        SlowStart start = slowStart;
        if (start != null && isOpen() && start.isOverWith(out.totalPendingWriteBytes())) {
            slowStart = null;
            SlowStart.end(this);
        }
    }

    /** Null once its client has proven to read, or where there is none. */
    @Nullable
    SlowStart slowStart() {
        return slowStart;
    }

    @Override
    protected void doClose() throws Exception {
        closing = true;
        try {
            super.doClose();
        } finally {
            super.doDeregister();
        }
    }

    @Override
    protected void doDeregister() throws Exception {
        if (!closing) {
            super.doDeregister();
        }
    }

    /** Null once the socket is closed, unless it was asked for before: its number may be another's then. */
    @Override
    protected @Nullable SocketAddress localAddress0() {
        if (own == null && isOpen()) {
            own = config.socket().localAddress();
        }
        return own;
    }

    @Override
    protected @Nullable SocketAddress remoteAddress0() {
        return peer;
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return (InetSocketAddress) super.localAddress();
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return (InetSocketAddress) super.remoteAddress();
    }

    @Override
    public LeanSocketConfig config() {
        return config;
    }

    /** Null: nobody asks an accepted socket who accepted it. */
    @Override
    public @Nullable ServerSocketChannel parent() {
        return null;
    }
}
