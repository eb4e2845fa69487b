package dev.ugate.net;

import dev.ugate.net.io.LeanServer;
import dev.ugate.net.io.LeanSocket;
import dev.ugate.net.io.Pacing;
import dev.ugate.net.io.ParkingEpoll;
import dev.ugate.net.io.PatientUring;
import dev.ugate.net.io.Sockets;
import dev.ugate.net.io.TidyLoops;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The event loops and the channel classes that belong to them; the one place that knows I/O backends. */
public final class Loops {
    /** A way of asking the kernel for I/O. */
    public enum Backend {
        EPOLL,
        IO_URING,
        NIO
    }

    /** SOL_SOCKET and SO_MARK of Linux, {@code <asm-generic/socket.h>}. */
    private static final IntegerUnixChannelOption MARK = new IntegerUnixChannelOption("SO_MARK", 1, 36);

    static {
        // Before Netty's class is there: an accept that goes on by itself does so after it was told to stop, and who is
        // full accepts nobody (J1).
        System.setProperty("io.netty.iouring.acceptMultiShotEnabled", "false");
    }

    private final Backend backend;
    private final EventLoopGroup group;
    private final int count;
    private final int mark;
    private final Pacing pacing = Pacing.ofSystem();
    private final @Nullable String denied;

    private Loops(Backend backend, int count, int mark, @Nullable String denied) {
        this.denied = denied;
        this.backend = backend;
        this.count = count;
        this.mark = mark;
        this.group = new TidyLoops(count, new DefaultThreadFactory("loop", true), handlers(backend));
    }

    /** Starts {@code count} loops; falls back from io_uring to epoll to NIO where the kernel or the platform lacks one. */
    public static Loops start(Backend wanted, int count) {
        return start(wanted, count, 0);
    }

    /** The same, whose connecting sockets carry a mark for the packet filter (SO_MARK); 0 for none. Needs CAP_NET_ADMIN. */
    public static Loops start(Backend wanted, int count, int mark) {
        Backend backend = wanted;
        String denied = null;
        if (backend == Backend.IO_URING && !isAvailable(backend)) {
            denied = reason(IoUring.unavailabilityCause());
            backend = Backend.EPOLL;
        }
        if (!isAvailable(backend)) {
            backend = Backend.NIO;
        }
        return new Loops(backend, count, mark, denied);
    }

    /** Whether the kernel and the platform have it, and let us. */
    public static boolean isAvailable(Backend backend) {
        return switch (backend) {
            case EPOLL -> Epoll.isAvailable();
            case IO_URING -> IoUring.isAvailable();
            case NIO -> true;
        };
    }

    /** Netty wraps what the kernel said in what could not be loaded. */
    static String reason(Throwable unavailable) {
        Throwable root = unavailable;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }

    private static IoHandlerFactory handlers(Backend backend) {
        return switch (backend) {
            case EPOLL -> new ParkingEpoll(EpollIoHandler.newFactory());
            case IO_URING -> new PatientUring(IoUringIoHandler.newFactory());
            case NIO -> NioIoHandler.newFactory();
        };
    }

    /** Why io_uring was wanted and is not in use: the kernel lacks it, or a container's filter of system calls denies it. */
    public Optional<String> denied() {
        return Optional.ofNullable(denied);
    }

    /** The backend in use, after fallback. */
    public Backend backend() {
        return backend;
    }

    public int count() {
        return count;
    }

    public EventLoopGroup group() {
        return group;
    }

    /** The next loop in turn. */
    public EventLoop next() {
        return group.next();
    }

    /** Done when all of these are, on whichever loop each is; fails where one failed. On any thread. */
    public Promise<Void> all(List<? extends Future<?>> futures) {
        EventLoop loop = next();
        Promise<Void> done = loop.newPromise();
        loop.execute(() -> {
            PromiseCombiner all = new PromiseCombiner(loop);
            futures.forEach(all::add);
            all.finish(done);
        });
        return done;
    }

    /** Makes the stream socket that can connect to {@code remote}: TCP or Unix. Throws {@link ChannelException} where the mark is denied. */
    public ChannelFactory<? extends Channel> stream(SocketAddress remote) {
        ChannelFactory<? extends Channel> plain = unmarked(remote);
        if (isUnix(remote)) {
            return plain;
        }
        return () -> {
            Channel socket = plain.newChannel();
            pacing.spare(socket, remote);
            return mark == 0 ? socket : marked(socket);
        };
    }

    /** Whether the mark can be set by this process; throws {@link IOException} that says what it takes. */
    public void checkMark() throws IOException {
        if (mark == 0) {
            return;
        }
        Channel probe = unmarked(new InetSocketAddress(0)).newChannel();
        try {
            marked(probe);
        } catch (ChannelException denied) {
            Throwable root = denied.getCause() == null ? denied : denied.getCause();
            throw new IOException(
                    "loops.mark " + mark + ": " + root.getMessage() + ": expected CAP_NET_ADMIN, and epoll or io_uring",
                    denied);
        } finally {
            probe.unsafe().closeForcibly();
        }
    }

    private Channel marked(Channel channel) {
        boolean set = false;
        try {
            set = channel.config().setOption(MARK, mark);
        } finally {
            if (!set) {
                channel.unsafe().closeForcibly();
            }
        }
        if (!set) {
            throw new ChannelException("mark: no such option");
        }
        return channel;
    }

    private ChannelFactory<? extends Channel> unmarked(SocketAddress remote) {
        boolean unix = isUnix(remote);
        return switch (backend) {
            case EPOLL -> unix ? EpollDomainSocketChannel::new : () -> socket(remote);
            case IO_URING -> unix ? IoUringDomainSocketChannel::new : IoUringSocketChannel::new;
            case NIO -> unix ? NioDomainSocketChannel::new : NioSocketChannel::new;
        };
    }

    private static Channel socket(SocketAddress remote) {
        try {
            return new LeanSocket(remote);
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    private static ServerChannel listening(SocketAddress local) {
        try {
            return new LeanServer(local);
        } catch (IOException e) {
            throw new ChannelException(e);
        }
    }

    /** Java's takes all that it may accept in a turn before the first of them is counted (J1). */
    private static ServerChannel oneAtATime(ServerChannel listening) {
        listening.config().setRecvByteBufAllocator(new ServerChannelRecvByteBufAllocator().maxMessagesPerRead(1));
        return listening;
    }

    /** Makes the listening socket for {@code local}: TCP or Unix. */
    public ChannelFactory<? extends ServerChannel> server(SocketAddress local) {
        if (isUnix(local)) {
            return switch (backend) {
                case EPOLL -> EpollServerDomainSocketChannel::new;
                case IO_URING -> IoUringServerDomainSocketChannel::new;
                case NIO -> NioServerDomainSocketChannel::new;
            };
        }
        return () -> {
            ServerChannel socket =
                    switch (backend) {
                        case EPOLL -> listening(local);
                        case IO_URING -> new IoUringServerSocketChannel();
                        case NIO ->
                            oneAtATime(new NioServerSocketChannel(SelectorProvider.provider(), Sockets.family(local)));
                    };
            pacing.spare(socket, local);
            return socket;
        };
    }

    /** Makes UDP sockets that speak IPv4 and IPv6. */
    public ChannelFactory<? extends DatagramChannel> datagram() {
        return udp(null);
    }

    /** Makes UDP sockets that are bound to {@code local}. */
    public ChannelFactory<? extends DatagramChannel> datagram(SocketAddress local) {
        return udp(Sockets.family(local));
    }

    private ChannelFactory<? extends DatagramChannel> udp(@Nullable SocketProtocolFamily family) {
        return switch (backend) {
            case EPOLL -> () -> new EpollDatagramChannel(family);
            case IO_URING -> () -> new IoUringDatagramChannel(family);
            case NIO -> () -> new NioDatagramChannel(family);
        };
    }

    /** Makes a UDP socket that fits the loop of a channel, whatever its backend is. */
    public static DatagramChannel datagramOn(EventLoop loop) {
        if (loop instanceof IoEventLoop io && io.isCompatible(EpollIoHandle.class)) {
            return new EpollDatagramChannel();
        }
        return loop instanceof IoEventLoop io && io.isCompatible(IoUringIoHandle.class)
                ? new IoUringDatagramChannel()
                : new NioDatagramChannel();
    }

    /** The address type of this backend for a Unix socket. */
    public SocketAddress unix(Path path) {
        return backend == Backend.NIO ? UnixDomainSocketAddress.of(path) : new DomainSocketAddress(path.toFile());
    }

    /** The address as this backend wants it: a Unix address of either kind becomes its own kind. */
    public SocketAddress own(SocketAddress address) {
        if (address instanceof UnixDomainSocketAddress unix) {
            return unix(unix.getPath());
        }
        return address instanceof DomainSocketAddress domain ? unix(Path.of(domain.path())) : address;
    }

    public static boolean isUnix(SocketAddress address) {
        return address instanceof DomainSocketAddress || address instanceof UnixDomainSocketAddress;
    }

    /** Stops the loops; what still runs has {@code seconds} to end. */
    public Future<?> stop(long seconds) {
        return group.shutdownGracefully(0, seconds, TimeUnit.SECONDS);
    }
}
