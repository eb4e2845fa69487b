package dev.ugate.app;

import dev.ugate.config.ListenAddress;
import dev.ugate.config.ListenerConfig;
import dev.ugate.gate.OwnAddresses;
import dev.ugate.gate.Snapshot;
import dev.ugate.net.Admission;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops;
import dev.ugate.net.udp.UdpListener;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Settings;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of the configuration as bound sockets; a reload keeps those that stay, binds new ones and drains the others. Changed by
 * one thread at a time, read by any.
 */
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final Loops loops;
    private final Admission admission;
    private final Gate gate;
    private final Executor blocking;
    private final Supplier<Set<String>> names;
    private volatile Map<ListenAddress, Bound> bound = Map.of();

    /** {@code blocking} computes what takes longer than a loop can wait; {@code names} are what this node is called. */
    Listeners(Loops loops, Admission admission, Gate gate, Executor blocking, Supplier<Set<String>> names) {
        this.blocking = blocking;
        this.names = names;
        this.loops = loops;
        this.admission = admission;
        this.gate = gate;
    }

    /** One bound listener and what its next connections are told. */
    private record Bound(Socket socket, Snapshot<Ingress> ingress) {}

    /** A listening socket, TCP or UDP. */
    private interface Socket {
        SocketAddress address();

        Future<?> drain(Duration grace);
    }

    /** Makes the bound listeners equal to the configured ones, or changes nothing and fails. Blocks; not for a loop. */
    synchronized void become(List<ListenerConfig> configs, Settings settings) throws IOException {
        Map<ListenAddress, Bound> before = bound;
        Map<ListenAddress, Bound> added = new LinkedHashMap<>();
        try {
            for (ListenerConfig config : configs) {
                if (!before.containsKey(config.address())) {
                    added.put(config.address(), bind(config, settings));
                }
            }
        } catch (IOException | RuntimeException e) {
            added.values().forEach(listener -> listener.socket().drain(Duration.ZERO));
            throw e;
        }
        Map<ListenAddress, Bound> after = new LinkedHashMap<>();
        for (ListenerConfig config : configs) {
            Bound kept = before.get(config.address());
            if (kept != null) {
                kept.ingress().replace(ingress(config, settings));
            }
            after.put(config.address(), kept == null ? added.get(config.address()) : kept);
        }
        bound = Collections.unmodifiableMap(after);
        before.forEach((address, gone) -> {
            if (!after.containsKey(address)) {
                gone.socket().drain(settings.timeouts().drain());
            }
        });
    }

    private Ingress ingress(ListenerConfig config, Settings settings) {
        return config.ingress(settings, blocking, names());
    }

    /** What this node is called, for listeners that take what is for it. */
    Set<String> names() {
        return names.get();
    }

    private Bound bind(ListenerConfig config, Settings settings) throws IOException {
        Snapshot<Ingress> ingress = new Snapshot<>(ingress(config, settings));
        SocketAddress at = config.address().socket();
        if (ingress.read().arrival().captured() && loops.backend() == Loops.Backend.NIO) {
            throw new IOException("listener " + config.address()
                    + ": capture: this machine has no epoll: expected Linux and its native library");
        }
        if (at instanceof UnixDomainSocketAddress unix) {
            try {
                SocketFile.free(unix.getPath());
            } catch (IOException e) {
                throw new IOException("listener " + config.address() + ": " + e.getMessage(), e);
            }
        }
        Future<?> binding = config.address().medium() == ListenAddress.Medium.UDP
                ? UdpListener.bind(loops, gate, (InetSocketAddress) at, ingress::read)
                : Listener.bind(loops, admission, gate, at, ingress::read);
        binding.awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException("listener " + config.address() + ": " + why(at, binding.cause()), binding.cause());
        }
        return new Bound(socket(binding.getNow(), at), ingress);
    }

    private static Socket socket(Object listener, SocketAddress at) {
        if (listener instanceof Listener tcp) {
            return new Socket() {
                @Override
                public SocketAddress address() {
                    return tcp.address();
                }

                @Override
                public Future<?> drain(Duration grace) {
                    if (at instanceof UnixDomainSocketAddress unix) {
                        remove(unix.getPath());
                    }
                    return tcp.drain(grace);
                }
            };
        }
        UdpListener udp = (UdpListener) listener;
        return new Socket() {
            @Override
            public SocketAddress address() {
                return udp.address();
            }

            @Override
            public Future<?> drain(Duration grace) {
                return udp.drain(grace);
            }
        };
    }

    private static void remove(Path socket) {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("error", e.getMessage()).log("socket file not removed");
        }
    }

    static String why(SocketAddress at, Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        if (at instanceof InetSocketAddress inet && text.contains("in use")) {
            return "address in use"
                    + PortOwner.of(inet.getPort()).map(owner -> " by " + owner).orElse("");
        }
        return text.contains("denied") ? "permission denied: expected a port above 1023 or CAP_NET_BIND_SERVICE" : text;
    }

    /** Stops accepting everywhere; the futures complete when no connection is left. */
    synchronized List<Future<?>> drain(Duration grace) {
        List<Future<?>> drained = new ArrayList<>();
        bound.values().forEach(listener -> drained.add(listener.socket().drain(grace)));
        bound = Map.of();
        return drained;
    }

    /** Configured address to bound address, which has the port that the kernel chose for port 0. */
    Map<ListenAddress, SocketAddress> addresses() {
        Map<ListenAddress, SocketAddress> addresses = new LinkedHashMap<>();
        bound.forEach(
                (config, listener) -> addresses.put(config, listener.socket().address()));
        return addresses;
    }

    /** What a dial must not come back to; {@code others} are listening sockets that are not in the configuration's list. */
    OwnAddresses own(List<SocketAddress> others) {
        Set<InetSocketAddress> tcp = new HashSet<>();
        Set<InetSocketAddress> udp = new HashSet<>();
        addresses().forEach((config, address) -> {
            if (address instanceof InetSocketAddress inet) {
                (config.medium() == ListenAddress.Medium.UDP ? udp : tcp).add(inet);
            }
        });
        others.forEach(other -> {
            if (other instanceof InetSocketAddress inet) {
                tcp.add(inet);
            }
        });
        return new OwnAddresses(tcp, udp, interfaces());
    }

    private static Set<InetAddress> interfaces() {
        Set<InetAddress> addresses = new HashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .forEach(face -> face.inetAddresses().forEach(addresses::add));
        } catch (SocketException unreadable) {
            addresses.add(InetAddress.getLoopbackAddress());
        }
        return addresses;
    }
}
