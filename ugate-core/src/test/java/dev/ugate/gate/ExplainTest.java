package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.gate.mesh.Border;
import dev.ugate.gate.mesh.Vips;
import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Route;
import dev.ugate.model.Shape;
import dev.ugate.model.http.FieldMatch;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.HttpMatch;
import dev.ugate.model.http.PathMatch;
import dev.ugate.model.http.TextMatch;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.policy.Condition;
import dev.ugate.policy.Rule;
import dev.ugate.policy.Rules;
import dev.ugate.policy.Workload;
import dev.ugate.route.Match;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.RoundTrip;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Wire;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Explain answers as enforcement does: the same random worlds are asked both. */
final class ExplainTest {
    private static final int WORLDS = 10_000;
    private static final List<String> HOSTS = List.of(
            "a.test",
            "b.test",
            "x.a.test",
            "10.0.0.1",
            "127.0.0.1",
            "203.0.113.1",
            "nowhere.test",
            "broken.test",
            "db.m",
            Node.NAME,
            Ip.text(NodeId.vip(Node.KEY)));
    private static final List<String> ADDRESSES =
            List.of("10.0.0.1", "10.0.1.1", "127.0.0.1", "203.0.113.1", "169.254.169.254", "::1", "2001:db8::1");
    private static final List<Integer> PORTS = List.of(80, 443, 1080);

    private final Ways ways = new Ways();
    private SplittableRandom random = new SplittableRandom(0);

    @AfterEach
    void stop() {
        ways.close();
    }

    /** The node of the self-certifying name. */
    private static final class Node {
        static final byte[] KEY = new byte[65];
        static final NodeId ID = NodeId.of(KEY);
        static final String NAME = ID.text().toLowerCase(Locale.ROOT) + ".m";
    }

    private <T> T pick(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private <T> List<T> some(List<T> all) {
        return all.stream().filter(one -> random.nextInt(5) == 0).toList();
    }

    private Rule rule(int number) {
        Condition unless = random.nextInt(4) == 0 ? condition() : Condition.NONE;
        return new Rule("rule" + number, condition(), unless, http(), random.nextInt(8) == 0);
    }

    private Condition condition() {
        return new Condition(
                some(List.of("*", "identified", "127.0.0.0/8", "user:ada", "198.51.100.0/24", "spiffe://a/ns/web/**"))
                        .stream()
                        .map(Peer.Pattern::parse)
                        .toList(),
                rarely(List.of("127.0.0.0/8", "198.51.100.0/24")).stream()
                        .map(Cidr::parse)
                        .toList(),
                rarely(List.of("web", "db")).stream().map(Workload::namespace).toList(),
                rarely(List.of("one", "web/two")).stream()
                        .map(Workload::account)
                        .toList(),
                some(List.of("*", "*.test", "a.test", "127.0.0.1", "*.m")).stream()
                        .map(Glob::new)
                        .toList(),
                some(List.of("10.0.0.0/24", "0.0.0.0/0", "127.0.0.1", "::/0")).stream()
                        .map(Cidr::parse)
                        .toList(),
                some(PORTS),
                some(List.of("socks5", "http")));
    }

    private <T> List<T> rarely(List<T> all) {
        return random.nextInt(4) == 0 ? some(all) : List.of();
    }

    private Border border() {
        Carrier hbone = Carrier.of("hbone");
        Mesh mesh = new Mesh(
                some(List.of(".m", ".test")),
                some(List.of("10.0.0.0/24", "2001:db8::/32")).stream()
                        .map(Cidr::parse)
                        .toList(),
                pick(List.of(Mesh.Mode.values())),
                List.of(
                        List.of(hbone, Carrier.MESH_TLS, Carrier.TCP),
                        List.of(Carrier.of("http"), Carrier.MESH_TLS, Carrier.TCP)),
                List.of());
        return new Border(
                mesh,
                vip -> Optional.of(new Vips.Alias(vip, Node.ID, Optional.empty()))
                        .filter(a -> vip.equals(NodeId.vip(Node.KEY))),
                drop -> {});
    }

    private Rules rules() {
        return new Rules(
                IntStream.range(0, random.nextInt(3)).mapToObj(this::rule).toList(),
                IntStream.range(10, 10 + random.nextInt(3)).mapToObj(this::rule).toList(),
                random.nextBoolean());
    }

    private Route route(int number) {
        Match when = new Match(
                some(List.of("*.test", "a.test", "10.0.0.1")).stream()
                        .map(Glob::new)
                        .toList(),
                some(List.of("10.0.0.0/8")).stream().map(Cidr::parse).toList(),
                some(PORTS),
                some(List.of("socks5", "http")),
                List.of(),
                http());
        Route.Action action =
                switch (random.nextInt(8)) {
                    case 0 -> new Route.Deny();
                    case 1 -> new Route.Local(200, "hi");
                    case 2 ->
                        new Route.Redirect(
                                Optional.of("https"), Optional.empty(), Optional.empty(), Optional.empty(), 301);
                    default ->
                        new Route.Forward(
                                IntStream.range(0, random.nextInt(3))
                                        .mapToObj(i -> destination())
                                        .toList(),
                                Optional.empty(),
                                Optional.empty());
                };
        return new Route("route" + number, when, action);
    }

    private Route.Destination destination() {
        String host = pick(HOSTS);
        return new Route.Destination(
                Optional.of(random.nextBoolean() ? host : host + ":" + pick(PORTS)),
                random.nextInt(3),
                List.of(),
                random.nextInt(4) == 0 ? Optional.of(HostPort.parse("10.0.0.1:3128")) : Optional.empty());
    }

    private HttpMatch http() {
        return random.nextInt(3) > 0
                ? HttpMatch.ANY
                : new HttpMatch(
                        some(List.of("GET", "POST")),
                        some(List.of("/", "/a", "/a/b")).stream()
                                .map(path -> random.nextBoolean()
                                        ? new PathMatch.Exact(path)
                                        : (PathMatch) new PathMatch.Prefix(path))
                                .toList(),
                        some(List.of("x-a")).stream()
                                .map(name -> new FieldMatch(name, new TextMatch.Exact("1")))
                                .toList(),
                        some(List.of("v")).stream()
                                .map(name -> new FieldMatch(name, TextMatch.regular("[12]")))
                                .toList());
    }

    private Intent request(Peer peer) {
        Map<String, String> labels = Map.of(
                "method", pick(List.of("GET", "POST")), "path", pick(List.of("/", "/a", "//a/b?v=1", "/ab?v=3")));
        Fields fields = pick(List.of(Fields.NONE, Fields.of("x-a", "1"), Fields.of("x-a", "1", "x-a", "2")));
        return new Intent("http", peer, new HostPort(pick(HOSTS), pick(PORTS)), Shape.MESSAGES, labels, fields);
    }

    /** What becomes of the intent: a dial, or a reply that may need one. */
    private Future<?> enforced(Intent asked, Optional<Ingress> listener) {
        Intent intent;
        try {
            intent = listener.isPresent() ? ways.outbound.settle(asked, listener.get()) : asked;
        } catch (Refused refused) {
            return ImmediateEventExecutor.INSTANCE.newFailedFuture(refused);
        }
        if (intent.shape() != Shape.MESSAGES) {
            return ways.begin(intent, listener);
        }
        EmbeddedChannel body = new EmbeddedChannel();
        listener.ifPresent(
                ingress -> Connection.accepted(ingress, intent.peer()).on(body));
        Request request = new Request(
                intent.labels().get("method"),
                "http",
                intent.target(),
                intent.labels().get("path"),
                intent.fields(),
                0,
                body);
        Promise<Reply> reply = ImmediateEventExecutor.INSTANCE.newPromise();
        RoundTrip dials = (wanted, changed, informational) -> {
            ways.begin(wanted, listener).addListener(done -> {
                if (done.isSuccess()) {
                    reply.setSuccess(new Reply(200, Fields.NONE, 0, body));
                } else {
                    reply.setFailure(done.cause());
                }
            });
            return reply;
        };
        return new RoutedRoundTrip(ways.outbound, dials).send(intent, request, Informational.IGNORED);
    }

    private Intent intent() {
        Peer peer = random.nextBoolean() ? Ways.FAR : Ways.NEAR;
        if (random.nextInt(3) == 0) {
            String name = pick(List.of("user:ada", "spiffe://a/ns/web/sa/one", "spiffe://a/ns/web/sa/two"));
            peer = peer.withIdentity(new Identity(name, Identity.Proof.CERTIFICATE));
        }
        if (random.nextInt(6) == 0) {
            peer = peer.capturedFrom(new InetSocketAddress(
                    Ip.parse(pick(List.of("10.0.0.1", "203.0.113.1", "127.0.0.1")))
                            .orElseThrow(),
                    pick(PORTS)));
        }
        if (random.nextInt(3) == 0) {
            return request(peer);
        }
        Shape shape = random.nextInt(6) == 0 ? Shape.DATAGRAMS : Shape.BYTES;
        return new Intent(
                pick(List.of("socks5", "http", "tls")), peer, new HostPort(pick(HOSTS), pick(PORTS)), shape, Map.of());
    }

    private Optional<Ingress> listener() {
        if (random.nextInt(4) == 0) {
            return Optional.empty();
        }
        Ingress open = Listening.open().ingress();
        return Optional.of(new Ingress(
                "edge",
                pick(List.of(Ingress.Forward.values())),
                List.of(),
                Optional.empty(),
                Credentials.NONE,
                List.of(),
                random.nextInt(4) == 0 ? Optional.of(new HostPort("127.0.0.1", 80)) : Optional.empty(),
                random.nextInt(4) == 0 ? Optional.of(new HostPort("a.test", 80)) : Optional.empty(),
                open.settings(),
                Ingress.HttpRules.STANDARD,
                random.nextInt(3) == 0 ? beforeAnApplication() : Ingress.Arrival.DIRECT));
    }

    /** Of a sidecar's listener. */
    private Ingress.Arrival beforeAnApplication() {
        Ingress.Inbound inbound = new Ingress.Inbound(
                InetAddress.getLoopbackAddress(), List.of(Carrier.TCP), Set.of("db.m", "a.test", Node.NAME));
        return new Ingress.Arrival(random.nextBoolean(), Optional.of(inbound));
    }

    /** The same answer for the same target, so that both ask the same world. */
    private CompletionStage<Optional<Resolution>> discover(int world, HostPort target) {
        if (target.host().equals("nowhere.test")) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        if (target.host().equals("broken.test")) {
            return CompletableFuture.failedFuture(Refused.because(Refusal.UNRESOLVED, "dns: no answer"));
        }
        if (target.literal().isPresent()) {
            return Ways.literal(target);
        }
        SplittableRandom own = new SplittableRandom(world * 31L + target.hashCode());
        Endpoint[] endpoints = IntStream.range(0, own.nextInt(4))
                .mapToObj(i -> {
                    List<InetSocketAddress> at = IntStream.range(0, own.nextInt(3))
                            .mapToObj(k -> new InetSocketAddress(
                                    Ip.parse(ADDRESSES.get(own.nextInt(ADDRESSES.size())))
                                            .orElseThrow(),
                                    target.port()))
                            .toList();
                    return member(own, Endpoint.tcp(new HostPort("e" + i + ".test", target.port()), at));
                })
                .toArray(Endpoint[]::new);
        return Ways.answer(endpoints);
    }

    private static Endpoint member(SplittableRandom own, Endpoint plain) {
        Endpoint endpoint = own.nextBoolean() ? plain : plain.withOwnPort();
        if (own.nextInt(3) == 0) {
            endpoint = endpoint.withVia(
                    own.nextBoolean()
                            ? List.of(Carrier.MESH_TLS, Carrier.TCP)
                            : List.of(Carrier.of("tls"), Carrier.TCP));
        }
        return switch (own.nextInt(3)) {
            case 0 -> endpoint.withIdentity("spiffe://a/ns/db/sa/db");
            case 1 -> endpoint.withIdentity(Node.ID.identity());
            default -> endpoint;
        };
    }

    @Test
    void saysWhatWillHappen() {
        ways.own.replace(
                new OwnAddresses(Set.of(Wire.HERE, new InetSocketAddress("127.0.0.1", 1080)), Set.of(), Set.of()));
        ways.transport = ways::connects;
        int carried = 0;
        for (int world = 0; world < WORLDS; world++) {
            random = new SplittableRandom(world);
            int number = world;
            ways.discovery = target -> discover(number, target);
            ways.enclose(border());
            ways.decide(
                    rules(),
                    IntStream.range(0, random.nextInt(3)).mapToObj(this::route).toArray(Route[]::new));
            carried += agrees(world, intent(), listener()) ? 1 : 0;
        }
        assertThat(carried).as("worlds in which the stream is carried").isBetween(WORLDS / 10, WORLDS * 9 / 10);
    }

    private boolean agrees(int world, Intent intent, Optional<Ingress> listener) {
        ways.dials.clear();
        List<Explain.Step> steps = Explain.intent(ways.plan.read(), ways.own.read(), intent, listener)
                .toCompletableFuture()
                .join();
        Future<?> way = enforced(intent, listener);
        assertThat(way.awaitUninterruptibly(20_000)).isTrue();
        String story = "world " + world + ": " + intent + " " + steps + " " + way.cause() + " " + ways.dials;
        List<Explain.Step> before = new ArrayList<>();
        List<Explain.Step> endpoints = new ArrayList<>();
        steps.forEach(step -> (step.says().startsWith("endpoint ") ? endpoints : before).add(step));
        boolean goesOn = before.stream().allMatch(Explain.Step::goesOn)
                && (endpoints.stream().anyMatch(Explain.Step::goesOn) || answered(before));
        assertThat(goesOn).as(story).isEqualTo(way.isSuccess());
        ways.dials.forEach(dial -> assertThat(leaves(dial)).as(story).isFalse());
        if (answered(before)) {
            assertThat(ways.dials).as(story).isEmpty();
        } else if (way.isSuccess()) {
            assertThat(ways.dials).as(story).hasSize(1);
            Endpoint dialled = ways.dials.get(0).endpoint();
            assertThat(dialled.addresses())
                    .as(story)
                    .isNotEmpty()
                    .allSatisfy(address -> assertThat(endpoints)
                            .anyMatch(step -> step.goesOn()
                                    && step.says()
                                            .startsWith("endpoint " + dialled + " at " + Ip.text(address) + " via "
                                                    + carriers(dialled) + " ")));
        } else {
            assertThat(ways.dials).as(story).isEmpty();
            Refused why = (Refused) way.cause();
            if (endpoints.isEmpty()) {
                assertThat(before.get(before.size() - 1).says())
                        .as(story)
                        .endsWith("(" + why.reason().label() + ")");
            }
        }
        return way.isSuccess();
    }

    /** Without those that the shape of the stream adds. */
    private static String carriers(Endpoint dialled) {
        return dialled.via().stream()
                .map(Carrier::name)
                .filter(name -> !name.equals("requests"))
                .map(name -> name.equals("udp") ? "tcp" : name)
                .collect(Collectors.joining(","));
    }

    /** Whether strict mode let something out that it must not: told without the code that decides it. */
    private boolean leaves(Dial dial) {
        Mesh mesh = ways.plan.read().border().mesh();
        Endpoint endpoint = dial.endpoint();
        boolean inside = mesh.includes(dial.intent().target())
                || endpoint.addresses().stream()
                        .anyMatch(address -> mesh.includes(((InetSocketAddress) address).getAddress()));
        boolean local = endpoint.addresses().stream()
                .allMatch(address -> ((InetSocketAddress) address).getAddress().isLoopbackAddress());
        boolean proven =
                endpoint.via().contains(Carrier.MESH_TLS) && endpoint.identity().isPresent();
        return mesh.mode() == Mesh.Mode.STRICT && inside && !local && !proven;
    }

    private static boolean answered(List<Explain.Step> steps) {
        return steps.stream().anyMatch(step -> step.by().equals(Explain.ANSWER));
    }
}
