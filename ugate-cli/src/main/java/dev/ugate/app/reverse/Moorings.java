package dev.ugate.app.reverse;

import dev.ugate.config.Config;
import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.gate.Plan;
import dev.ugate.gate.Snapshot;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.net.Failures;
import dev.ugate.net.Loops;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.net.reverse.Watch;
import dev.ugate.protocols.http.Http;
import dev.ugate.protocols.http.reverse.Mooring;
import dev.ugate.protocols.ssh.Ssh;
import dev.ugate.protocols.ssh.client.SshTransport;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Arrival;
import dev.ugate.spi.Ingress.Inbound;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateways at which this node makes itself reachable, as the configuration says. Changed by one thread at a time, read by any.
 */
public final class Moorings {
    private static final Logger LOG = LoggerFactory.getLogger(Moorings.class);
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final List<Carrier> OVER_SSH = List.of(Carrier.SSH, Carrier.TCP);
    private static final List<Carrier> WAY = List.of(Carrier.MESH_TLS.with(Map.of("alpn", "h2")), Carrier.TCP);

    private final Means means;
    private final Reverse reverse;
    private final Map<MeshConfig.Reverse, Rope> live = new LinkedHashMap<>();
    private final Map<HostPort, String> states = new ConcurrentHashMap<>();

    /**
     * What moorings are made of.
     *
     * @param carriers what a connection to a gateway may speak
     * @param plan says where a gateway is
     * @param names what this node is called by itself
     */
    public record Means(
            Carriers carriers,
            Gate gate,
            Loops loops,
            Transport transports,
            Snapshot<Plan> plan,
            Supplier<Settings> settings,
            Names names) {}

    /** The first carrier of the mesh that can keep a node reachable is taken: SSH where it comes before HTTP/2. */
    public record Carriers(Http http, Ssh ssh, SshTransport way) {}

    /** A connection that is kept, whatever it speaks. */
    private record Rope(Runnable begin, End end) {
        /** Lets what runs finish; done when nothing runs any more. */
        interface End {
            Future<?> come();
        }
    }

    /** {@code reverse} is who makes itself reachable here. */
    public Moorings(Means means, Reverse reverse) {
        this.means = means;
        this.reverse = reverse;
    }

    public Reverse reverse() {
        return reverse;
    }

    public Names names() {
        return means.names();
    }

    /** A line for each name that is reached here, and for each gateway that we want to be reached at. */
    public String text() {
        StringBuilder out = new StringBuilder();
        for (Reverse.Row row : reverse.rows()) {
            out.append("reverse ").append(row.name()).append(" of ").append(row.owner());
            out.append(" for ").append(row.age().toSeconds()).append("s\n");
        }
        states().forEach((gateway, state) -> out.append("gateway ")
                .append(gateway)
                .append(": ")
                .append(state)
                .append('\n'));
        return out.toString();
    }

    /** Keeps what stays the same, lets go of the rest, and begins what is new. */
    public synchronized void become(Config config) {
        List<MeshConfig.Reverse> wanted = config.mesh().reverse();
        Map.copyOf(live).forEach((one, kept) -> {
            if (!wanted.contains(one)) {
                live.remove(one);
                kept.end.come();
                states.remove(one.gateway());
            }
        });
        for (MeshConfig.Reverse one : wanted) {
            if (!live.containsKey(one)) {
                begun(one).ifPresent(rope -> live.put(one, rope));
            }
        }
    }

    /** Empty where a gateway has no name to reach this node by. */
    private Optional<Rope> begun(MeshConfig.Reverse one) {
        List<String> names = new ArrayList<>(one.names());
        Set<String> served = new HashSet<>(means.names().own());
        means.names().claimed().ifPresent(names::add);
        if (names.isEmpty()) {
            states.put(one.gateway(), "no name: expected names, since this node shows a certificate of an authority");
            LOG.atWarn().addKeyValue("to", one.gateway()).log("no name to be reached by: expected mesh.reverse.names");
            return Optional.empty();
        }
        served.addAll(one.names());
        Optional<String> expected = one.identity()
                .or(() -> means.names().mesh().node(one.gateway().host()).map(NodeId::identity));
        Rope rope = isOverSsh() ? overSsh(one, names, expected, served) : overHttp(one, names, expected, served);
        states.put(one.gateway(), "not yet");
        rope.begin.run();
        return Optional.of(rope);
    }

    private boolean isOverSsh() {
        List<List<Carrier>> ways = means.names().mesh().ways();
        return !ways.isEmpty() && ways.get(0).contains(Carrier.SSH);
    }

    private Rope overSsh(MeshConfig.Reverse one, List<String> names, Optional<String> expected, Set<String> served) {
        var mooring = means.carriers()
                .ssh()
                .mooring(
                        new dev.ugate.protocols.ssh.reverse.Mooring.Terms(
                                one.gateway(),
                                names,
                                (loop, deadline, role) -> dial(
                                        there(one.gateway(), expected, OVER_SSH),
                                        loop,
                                        deadline,
                                        dial -> means.carriers().way().greet(dial, loop, role)),
                                expected.map(name -> new Identity(name, Identity.Proof.CERTIFICATE)),
                                () -> ingress(one.gateway(), served),
                                new Told()),
                        means.gate(),
                        means.loops().next());
        return new Rope(mooring::begin, mooring::close);
    }

    private Rope overHttp(MeshConfig.Reverse one, List<String> names, Optional<String> expected, Set<String> served) {
        var mooring = means.carriers()
                .http()
                .mooring(
                        new Mooring.Terms(
                                one.gateway(),
                                names,
                                (loop, deadline) -> dial(
                                        there(one.gateway(), expected, WAY),
                                        loop,
                                        deadline,
                                        dial -> means.transports().dial(dial, loop)),
                                expected.map(name -> new Identity(name, Identity.Proof.CERTIFICATE)),
                                () -> ingress(one.gateway(), served),
                                new Told()),
                        means.gate(),
                        means.loops().next());
        return new Rope(mooring::begin, mooring::close);
    }

    /** What comes through a gateway is for the application behind this node, unless a route says otherwise. */
    private Ingress ingress(HostPort gateway, Set<String> names) {
        Inbound here = new Inbound(InetAddress.getLoopbackAddress(), List.of(Carrier.TCP), names);
        return new Ingress(
                "reverse " + gateway,
                Ingress.Forward.NONE,
                List.of(),
                Optional.empty(),
                Credentials.NONE,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                means.settings().get(),
                Ingress.HttpRules.STANDARD,
                new Arrival(false, Optional.of(here)));
    }

    /** The gateway without its addresses. */
    private static Endpoint there(HostPort gateway, Optional<String> expected, List<Carrier> way) {
        return new Endpoint(gateway, List.of(), way, expected, 1, true);
    }

    private Future<Channel> dial(
            Endpoint there, EventLoop loop, long deadline, Function<Dial, Future<Channel>> transport) {
        HostPort gateway = there.host();
        Promise<Channel> promise = loop.newPromise();
        means.plan()
                .read()
                .discovery()
                .resolve(gateway)
                .whenComplete((found, failure) -> loop.execute(() -> {
                    if (failure != null) {
                        promise.tryFailure(Failures.refused(failure));
                        return;
                    }
                    Optional<Endpoint> first = found.flatMap(Moorings::first);
                    if (first.isEmpty()) {
                        promise.tryFailure(Refused.because(Refusal.UNRESOLVED, "resolve " + gateway + ": no endpoint"));
                        return;
                    }
                    Endpoint endpoint = there.withAddresses(first.get().addresses());
                    Dial dial = new Dial(Intent.bytes("tcp", Peer.of(HERE, HERE), gateway), endpoint, deadline);
                    transport.apply(dial).addListener((Future<Channel> way) -> {
                        if (!way.isSuccess()) {
                            promise.tryFailure(way.cause());
                        } else if (!promise.trySuccess(way.getNow())) {
                            way.getNow().close();
                        }
                    });
                }));
        return promise;
    }

    private static Optional<Endpoint> first(Resolution resolution) {
        return resolution.stages().stream().flatMap(List::stream).findFirst();
    }

    /** Lets every gateway know that this node goes; done when no stream lives that came through one, or {@code grace} is over. */
    public synchronized Future<?> close(Duration grace) {
        List<Future<?>> coming = new ArrayList<>();
        live.values().forEach(rope -> coming.add(rope.end.come()));
        live.clear();
        Promise<Void> ended = means.loops().all(coming);
        var timer = means.loops().next().schedule(() -> ended.trySuccess(null), grace.toNanos(), TimeUnit.NANOSECONDS);
        ended.addListener(done -> timer.cancel(false));
        return ended;
    }

    /** Gateways, and whether this node is reachable there, in words for people. */
    public Map<HostPort, String> states() {
        return Map.copyOf(states);
    }

    /** Gateways at which this node is reachable now. */
    public long up() {
        return states.values().stream().filter(Told.UP::equals).count();
    }

    /** Notes and logs. */
    private final class Told implements Watch {
        private static final String UP = "up";

        @Override
        public void up(HostPort gateway) {
            if (!UP.equals(states.replace(gateway, UP))) {
                LOG.atInfo().addKeyValue("to", gateway).log("reachable at gateway");
            }
        }

        @Override
        public void down(HostPort gateway, Refused why) {
            if (!why.text().equals(states.replace(gateway, why.text()))) {
                LOG.atWarn()
                        .addKeyValue("to", gateway)
                        .addKeyValue("reason", why.reason().label())
                        .addKeyValue("error", why.text())
                        .log("not reachable at gateway");
            }
        }
    }
}
