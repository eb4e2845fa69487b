package dev.ugate.gate;

import dev.ugate.gate.mesh.Border;
import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Policy;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.policy.Rules;
import dev.ugate.route.Routes;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Ingress;
import dev.ugate.testing.Wire;
import io.netty.channel.Channel;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The way out without a network: the test is discovery and transport, and sees what they were asked. */
final class Ways implements AutoCloseable {
    static final Peer FAR = Peer.of(new InetSocketAddress("198.51.100.7", 4000), Wire.HERE);
    static final Peer NEAR = Peer.of(new InetSocketAddress("127.0.0.1", 4000), Wire.HERE);

    final DefaultEventLoop loop = new DefaultEventLoop();
    final List<Dial> dials = new ArrayList<>();
    final List<Promise<Channel>> answers = new ArrayList<>();
    final AtomicInteger asked = new AtomicInteger();
    final Ejections ejections = new Ejections(System::nanoTime);
    final Snapshot<OwnAddresses> own = new Snapshot<>(OwnAddresses.NONE);
    final Snapshot<Plan> plan;
    final Outbound outbound;
    Function<Dial, Future<Channel>> transport = this::open;
    Function<HostPort, CompletionStage<Optional<Resolution>>> discovery = Ways::literal;

    Ways() {
        Discovery asking = target -> {
            asked.incrementAndGet();
            return discovery.apply(target);
        };
        plan = new Snapshot<>(new Plan(Rules.OPEN, new Routes(List.of()), asking, Timeouts.STANDARD));
        outbound = new Outbound(plan, own, (dial, on) -> transport.apply(dial), ejections, System::nanoTime);
    }

    /** Notes the dial and leaves its answer to the test. */
    private Future<Channel> open(Dial dial) {
        Promise<Channel> answer = loop.newPromise();
        dials.add(dial);
        answers.add(answer);
        return answer;
    }

    /** Notes the dial and is connected at once. */
    Future<Channel> connects(Dial dial) {
        dials.add(dial);
        return loop.newSucceededFuture(new EmbeddedChannel());
    }

    static CompletionStage<Optional<Resolution>> literal(HostPort target) {
        return CompletableFuture.completedFuture(target.literal()
                .map(ip -> Resolution.of(
                        "literal",
                        Duration.ZERO,
                        List.of(Endpoint.tcp(target, List.of(new InetSocketAddress(ip, target.port())))))));
    }

    static CompletionStage<Optional<Resolution>> answer(Endpoint... endpoints) {
        return CompletableFuture.completedFuture(
                Optional.of(Resolution.of("test", Duration.ZERO, Arrays.asList(endpoints))));
    }

    /** An endpoint of that name with these addresses. */
    static Endpoint at(String host, String... addresses) {
        HostPort name = new HostPort(host, 80);
        List<SocketAddress> all = new ArrayList<>();
        for (String address : addresses) {
            all.add(new InetSocketAddress(Ip.parse(address).orElseThrow(), 80));
        }
        return Endpoint.tcp(name, all);
    }

    static Endpoint weighing(int weight, String address) {
        Endpoint e = at(address, address);
        return new Endpoint(e.host(), e.addresses(), e.via(), e.identity(), weight, e.trusted());
    }

    static Intent to(Peer peer, String target) {
        return Intent.bytes("socks5", peer, HostPort.parse(target));
    }

    void decide(Policy policy, Route... routes) {
        Plan now = plan.read();
        plan.replace(new Plan(policy, new Routes(List.of(routes)), now.discovery(), now.timeouts(), now.border()));
    }

    void enclose(Border border) {
        Plan now = plan.read();
        plan.replace(new Plan(now.policy(), now.routes(), now.discovery(), now.timeouts(), border));
    }

    Future<Channel> begin(Intent intent) {
        return begin(intent, Optional.empty());
    }

    Future<Channel> begin(Intent intent, Optional<Ingress> ingress) {
        return onLoop(() -> outbound.passage(intent, ingress, loop).begin());
    }

    <T> T onLoop(java.util.function.Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, loop)
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    /** Lets everything that the loop was given run. */
    void settle() {
        onLoop(() -> true);
        onLoop(() -> true);
    }

    /** The addresses of every dial so far. */
    List<List<String>> dialled() {
        settle();
        return dials.stream()
                .map(dial -> dial.endpoint().addresses().stream().map(Ip::text).toList())
                .toList();
    }

    static Refused refused(Future<Channel> way) {
        if (!way.awaitUninterruptibly(20_000) || !(way.cause() instanceof Refused why)) {
            throw new AssertionError("way: expected a refusal: " + way);
        }
        return why;
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
    }
}
