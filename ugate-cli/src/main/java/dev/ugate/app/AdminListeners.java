package dev.ugate.app;

import dev.ugate.app.log.AccessLog;
import dev.ugate.model.Limits;
import dev.ugate.net.Admission;
import dev.ugate.net.Listener;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Settings;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The admin interface: a Unix socket in the state directory for everything, TCP on loopback for health and metrics. */
final class AdminListeners implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminListeners.class);

    /** Its own cap, so that a full data path can still be asked what is wrong. */
    private static final int MAX_CONNECTIONS = 64;

    private final Listener unix;
    private final Listener tcp;
    private final Path socket;
    private final StateDirectory state;

    private AdminListeners(Listener unix, Listener tcp, Path socket, StateDirectory state) {
        this.unix = unix;
        this.tcp = tcp;
        this.socket = socket;
        this.state = state;
    }

    /** Takes the state directory when it succeeds; throws {@link IOException} with the address. */
    static AdminListeners bind(
            Parts parts, Pages pages, Supplier<Settings> settings, InetSocketAddress address, StateDirectory state)
            throws IOException {
        Path socket = state.adminSocket();
        Admin gate = new Admin(pages, parts.gate(), state.adminToken());
        Admission admission = new Admission(Limits.STANDARD, MAX_CONNECTIONS, System::nanoTime);
        // What a tunnel from the Unix socket may do and how it is logged is what the configuration says now.
        Supplier<Ingress> terms = () -> new Ingress(
                "admin",
                Ingress.Forward.OPEN,
                List.of(),
                Optional.empty(),
                Credentials.NONE,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                settings.get());
        Listener unix = bound(
                Listener.bind(parts.loops(), admission, gate, UnixDomainSocketAddress.of(socket), terms),
                socket.toString(),
                null);
        StateDirectory.protect(socket);
        try {
            Listener tcp = bound(
                    Listener.bind(parts.loops(), admission, gate, address, terms), AccessLog.address(address), address);
            return new AdminListeners(unix, tcp, socket, state);
        } catch (IOException e) {
            unix.drain(Duration.ZERO);
            Files.deleteIfExists(socket);
            throw e;
        }
    }

    private static Listener bound(Future<Listener> binding, String name, @Nullable SocketAddress at)
            throws IOException {
        binding.awaitUninterruptibly();
        if (!binding.isSuccess()) {
            String why = at == null ? String.valueOf(binding.cause().getMessage()) : Listeners.why(at, binding.cause());
            throw new IOException("admin " + name + ": " + why, binding.cause());
        }
        return binding.getNow();
    }

    List<SocketAddress> addresses() {
        return List.of(tcp.address());
    }

    @Override
    public void close() {
        unix.drain(Duration.ZERO);
        tcp.drain(Duration.ZERO);
        try {
            Files.deleteIfExists(socket);
            state.close();
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("error", e.getMessage()).log("admin socket not removed");
        }
    }
}
