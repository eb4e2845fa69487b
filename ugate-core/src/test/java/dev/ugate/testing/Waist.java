package dev.ugate.testing;

import dev.ugate.gate.Ejections;
import dev.ugate.gate.Gatekeeper;
import dev.ugate.gate.LiveStreams;
import dev.ugate.gate.Outbound;
import dev.ugate.gate.OwnAddresses;
import dev.ugate.gate.Plan;
import dev.ugate.gate.Rates;
import dev.ugate.gate.Snapshot;
import dev.ugate.model.Cidr;
import dev.ugate.model.Decision;
import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Policy;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Admission;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops;
import dev.ugate.net.TcpTransport;
import dev.ugate.net.Transports;
import dev.ugate.route.Routes;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Exchange;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Stream;
import dev.ugate.spi.Transport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A whole waist on real sockets: loops, gate, outbound, TCP; everything is allowed, literals are the only names. */
public final class Waist implements AutoCloseable {
    /** Knows literals only. */
    public static final Discovery LITERALS = target -> CompletableFuture.completedFuture(target.literal()
            .map(address -> Resolution.of(
                    "literal",
                    Duration.ZERO,
                    List.of(Endpoint.tcp(target, List.of(new InetSocketAddress(address, target.port())))))));

    /** Allows everything. */
    public static final Policy OPEN = new Policy() {
        @Override
        public Decision judge(Intent intent) {
            return Decision.allow("open");
        }

        @Override
        public Decision judge(Intent intent, SocketAddress address, boolean trusted) {
            return Decision.allow("open");
        }
    };

    public final Notes notes = new Notes();
    public final Loops loops;
    public final Transports transports = new Transports();
    public final Snapshot<Plan> plan;
    public final Snapshot<OwnAddresses> own = new Snapshot<>(OwnAddresses.NONE);
    public final Ejections ejections = new Ejections(System::nanoTime);
    public final Outbound outbound;
    public final Gatekeeper gate;
    public final Admission admission;
    public final LiveStreams live = new LiveStreams();
    private final Settings settings;
    private volatile @Nullable ByteBufAllocator lent;

    public Waist(Loops.Backend backend, Timeouts timeouts, List<Protocol> protocols, int maxConnections) {
        loops = Loops.start(backend, 2);
        Limits limits = Limits.STANDARD;
        transports.add("tcp", new TcpTransport(loops, limits));
        plan = new Snapshot<>(new Plan(OPEN, new Routes(List.of()), LITERALS, timeouts));
        outbound = new Outbound(plan, own, transports, ejections, System::nanoTime);
        settings = new Settings(timeouts, limits, notes);
        admission = new Admission(limits, maxConnections, System::nanoTime);
        gate = new Gatekeeper(
                protocols,
                outbound,
                (intent, request, informational) ->
                        loops.next().newFailedFuture(Refused.because(Refusal.NO_ROUTE, "waist: no HTTP")),
                live,
                new Rates(System::nanoTime));
    }

    public static Waist standard(Loops.Backend backend) {
        return new Waist(backend, Timeouts.STANDARD, List.of(), 10_000);
    }

    /** Replaces the routes. */
    public void routes(Route... routes) {
        Plan now = plan.read();
        plan.replace(
                new Plan(now.policy(), new Routes(List.of(routes)), now.discovery(), now.timeouts(), now.border()));
    }

    /** Replaces policy and discovery. */
    public void decide(Policy policy, Discovery discovery) {
        Plan now = plan.read();
        plan.replace(new Plan(policy, now.routes(), discovery, now.timeouts(), now.border()));
    }

    /** From here on its sockets, those of clients and of upstreams, have their buffers from there. */
    public void lend(ByteBufAllocator buffers) {
        lent = buffers;
        Transport tcp = new TcpTransport(loops, Limits.STANDARD);
        transports.add("tcp", (dial, loop) -> {
            Future<Channel> way = tcp.dial(dial, loop);
            way.addListener(done -> {
                if (done.isSuccess()) {
                    way.getNow().config().setAllocator(buffers);
                }
            });
            return way;
        });
    }

    /** The gate as its connections meet it, which may have their buffers from elsewhere. */
    public Gate lending(Gate inner) {
        return new Lending(inner);
    }

    private final class Lending implements Gate {
        private final Gate inner;

        Lending(Gate inner) {
            this.inner = inner;
        }

        @Override
        public void enter(Channel connection) {
            ByteBufAllocator buffers = lent;
            if (buffers != null) {
                connection.config().setAllocator(buffers);
            }
            inner.enter(connection);
        }

        @Override
        public void open(Stream stream) {
            inner.open(stream);
        }

        @Override
        public void ask(Exchange exchange) {
            inner.ask(exchange);
        }
    }

    /** Every target is the server on this port of loopback, as {@code seen} sees it. */
    public void leadTo(int port, UnaryOperator<Endpoint> seen) {
        var there = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        decide(
                OPEN,
                target -> CompletableFuture.completedFuture(Optional.of(Resolution.of(
                        "test", Duration.ZERO, List.of(seen.apply(Endpoint.tcp(target, List.of(there))))))));
    }

    /** A listener on a free loopback port that forwards every byte to {@code target}. */
    public Listener opaque(HostPort target) {
        return listen(Optional.of(target), Optional.empty());
    }

    /** A listener on a free loopback port. */
    public Listener listen(Optional<HostPort> target, Optional<HostPort> fallback) {
        return listen(List.of(), target, fallback);
    }

    /** A listener on a free loopback port that demands a PROXY header from these sources. */
    public Listener listen(List<Cidr> trusted, Optional<HostPort> target, Optional<HostPort> fallback) {
        Ingress ingress = new Ingress(
                "test",
                Ingress.Forward.OPEN,
                List.of(),
                Optional.empty(),
                Credentials.NONE,
                trusted,
                target,
                fallback,
                settings);
        return Listener.bind(loops, admission, lending(gate), new InetSocketAddress("127.0.0.1", 0), () -> ingress)
                .awaitUninterruptibly()
                .getNow();
    }

    @Override
    public void close() {
        loops.stop(2).awaitUninterruptibly(5_000);
    }
}
