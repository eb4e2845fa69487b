package dev.ugate.protocols.ssh.server;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Admission;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this machine listens on for guests, ports and Unix sockets: what connects there enters the gate as a stream to that place. */
public final class Sockets {
    private static final Logger LOG = LoggerFactory.getLogger(Sockets.class);

    private final Loops loops;
    private final Admission admission;
    private final Gate gate;
    private final Executor blocking;

    /** {@code blocking} is where files are looked at. */
    public Sockets(Loops loops, Admission admission, Gate gate, Executor blocking) {
        this.loops = loops;
        this.admission = admission;
        this.gate = gate;
        this.blocking = blocking;
    }

    /** One of them; {@code end} is what is to be done when it is over. */
    record Socket(HostPort place, Listener listener, Loops loops, Runnable end) {
        void close() {
            end.run();
            if (!loops.group().isShuttingDown()) {
                listener.drain(Duration.ZERO);
            }
        }
    }

    private static Ingress forwarding(Channel connection) {
        Ingress by = Connection.of(connection).ingress();
        if (by.forward() == Ingress.Forward.NONE) {
            throw Refused.because(Refusal.NO_ROUTE, "listener " + by.name() + " does not forward");
        }
        return by;
    }

    /** Listens on loopback, on a free port where {@code port} is 0, for a guest who came by {@code connection}. Refuses where that listener forwards nothing. */
    Future<Socket> open(int port, Channel connection) {
        Ingress by = forwarding(connection);
        CompletableFuture<HostPort> place = new CompletableFuture<>();
        Promise<Socket> promise = loops.next().newPromise();
        Listener.bind(
                        loops,
                        admission,
                        gate,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        () -> ingress(by, place.getNow(null)))
                .addListener((Future<Listener> bound) -> {
                    if (bound.isSuccess()) {
                        InetSocketAddress address =
                                (InetSocketAddress) bound.getNow().address();
                        place.complete(new HostPort("localhost", address.getPort()));
                        promise.setSuccess(new Socket(place.getNow(null), bound.getNow(), loops, () -> {}));
                    } else {
                        promise.setFailure(bound.cause());
                    }
                });
        return promise;
    }

    /** The same on a Unix socket, of which streams are to {@code place}. */
    Future<Socket> open(SocketPaths.Place socket, HostPort place, Channel connection) {
        Ingress by = forwarding(connection);
        EventLoop loop = loops.next();
        Promise<Socket> promise = loop.newPromise();
        Future<SocketFile> prepared = elsewhere(loop, () -> SocketFile.at(socket.free()));
        prepared.addListener(done -> {
            if (prepared.isSuccess()) {
                bind(prepared.getNow(), () -> ingress(by, place), place, promise);
            } else {
                promise.setFailure(prepared.cause());
            }
        });
        return promise;
    }

    private void bind(SocketFile file, Supplier<Ingress> ingress, HostPort place, Promise<Socket> promise) {
        SocketAddress draft = loops.unix(file.draft());
        Listener.bind(loops, admission, gate, draft, ingress).addListener((Future<Listener> bound) -> {
            if (!bound.isSuccess()) {
                quietly(file::tidy);
                promise.setFailure(bound.cause());
                return;
            }
            Socket socket = new Socket(place, bound.getNow(), loops, () -> quietly(file::remove));
            elsewhere(loops.next(), () -> {
                        file.publish();
                        return socket;
                    })
                    .addListener((Future<Socket> published) -> {
                        if (published.isSuccess()) {
                            promise.setSuccess(socket);
                        } else {
                            bound.getNow().drain(Duration.ZERO);
                            quietly(file::tidy);
                            promise.setFailure(published.cause());
                        }
                    });
        });
    }

    /** Where a socket is that a guest wants to reach. */
    Future<Path> find(SocketPaths.Place place, EventLoop loop) {
        return elsewhere(loop, place::real);
    }

    private <T> Future<T> elsewhere(EventLoop loop, Callable<T> work) {
        Promise<T> promise = loop.newPromise();
        try {
            blocking.execute(() -> {
                try {
                    promise.setSuccess(work.call());
                } catch (Exception e) {
                    promise.setFailure(e);
                }
            });
        } catch (RejectedExecutionException full) {
            promise.setFailure(Refused.because(Refusal.OVERLOADED, "files: too many wait to be looked at"));
        }
        return promise;
    }

    /** Something about files. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private void quietly(Work work) {
        elsewhere(loops.next(), () -> {
                    work.run();
                    return true;
                })
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        LOG.atWarn()
                                .addKeyValue("error", done.cause().getMessage())
                                .log("socket file not removed");
                    }
                });
    }

    private static Ingress ingress(Ingress by, @Nullable HostPort place) {
        return new Ingress(
                "ssh " + (place == null ? "" : place),
                Ingress.Forward.NONE,
                List.of(),
                Optional.empty(),
                Credentials.NONE,
                List.of(),
                Optional.ofNullable(place),
                Optional.empty(),
                by.settings());
    }
}
