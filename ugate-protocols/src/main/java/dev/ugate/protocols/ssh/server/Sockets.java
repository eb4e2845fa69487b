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
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Ports of this machine that are listened on for guests: what connects there enters the gate as a stream to the port itself. */
public final class Sockets {
    private final Loops loops;
    private final Admission admission;
    private final Gate gate;

    public Sockets(Loops loops, Admission admission, Gate gate) {
        this.loops = loops;
        this.admission = admission;
        this.gate = gate;
    }

    /** One of them. */
    record Socket(HostPort place, Listener listener, Loops loops) {
        void close() {
            if (!loops.group().isShuttingDown()) {
                listener.drain(Duration.ZERO);
            }
        }
    }

    /** Listens on loopback, on a free port where {@code port} is 0, for a guest who came by {@code connection}. Refuses where that listener forwards nothing. */
    Future<Socket> open(int port, Channel connection) {
        Ingress by = Connection.of(connection).ingress();
        if (by.forward() == Ingress.Forward.NONE) {
            throw Refused.because(Refusal.NO_ROUTE, "listener " + by.name() + " does not forward");
        }
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
                        promise.setSuccess(new Socket(place.getNow(null), bound.getNow(), loops));
                    } else {
                        promise.setFailure(bound.cause());
                    }
                });
        return promise;
    }

    private static Ingress ingress(Ingress by, @org.jspecify.annotations.Nullable HostPort place) {
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
