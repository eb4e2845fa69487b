package dev.ugate.protocols.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Bytes;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.net.pool.RequestCounts.Event;
import dev.ugate.net.tls.TlsTransport;
import dev.ugate.protocols.http.h2.Frames;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Settings;
import dev.ugate.testing.Changed;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Sink;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tunnels of one loop, the far ends played by the test. */
final class HboneTransportTest {
    private static final String OWN = "spiffe://cluster.local/ns/shop/sa/cart";
    private static final SocketAddress FAR = new InetSocketAddress("203.0.113.9", 15008);
    private static final Carrier HBONE = Carrier.of("hbone");

    private final Wire loop = Wire.local(Listening.open());
    private final List<Dial> dials = new ArrayList<>();
    private final List<Promise<Channel>> answers = new ArrayList<>();
    private final List<Far> fars = new ArrayList<>();
    private final RequestCounts counts = new RequestCounts();
    private Settings settings = Listening.open().ingress().settings();
    private final HboneTransport transport = new HboneTransport(
            (dial, on) -> {
                dials.add(dial);
                Promise<Channel> promise = loop.eventLoop().newPromise();
                answers.add(promise);
                return promise;
            },
            () -> settings,
            counts,
            () -> Optional.of(OWN));

    /** One connection as its far end sees it. */
    private final class Far {
        private final Wire wire = Wire.upstream();
        private final Frames frames = new Frames();
        private boolean greeted;

        List<String> heard() {
            run();
            byte[] bytes = wire.heardBytes();
            if (!greeted && bytes.length > 0) {
                greeted = true;
                bytes = java.util.Arrays.copyOfRange(bytes, Frames.PREFACE.length, bytes.length);
            }
            return frames.read(bytes);
        }

        Far say(byte[]... parts) {
            wire.send(Frames.join(parts));
            run();
            return this;
        }

        Far answer(int stream, int status, String... fields) {
            List<String> all = new ArrayList<>(List.of(":status", "" + status));
            all.addAll(List.of(fields));
            return say(frames.headers(stream, status != 200, all.toArray(String[]::new)));
        }
    }

    private void run() {
        loop.runPendingTasks();
        fars.forEach(far -> far.wire.runPendingTasks());
        loop.runPendingTasks();
    }

    @AfterEach
    void leavesNothing() {
        fars.forEach(far -> far.wire.close());
        run();
        fars.forEach(far -> {
            far.wire.heard();
            far.wire.checkException();
            assertThat(far.wire.tally().live()).isEmpty();
        });
        loop.close();
    }

    private Far connected(int dial, int streams) {
        Far far = new Far();
        far.wire.config().setAutoRead(false);
        far.wire.attr(TlsTransport.ALPN).set("h2");
        fars.add(far);
        answers.get(dial).setSuccess(far.wire);
        run();
        far.say(Frames.settings(3, streams), Frames.settingsAck());
        return far;
    }

    private static Intent intent(Peer peer) {
        return new Intent("socks5", peer, HostPort.parse("db.m:5432"), Shape.BYTES, Map.of());
    }

    private Future<Channel> dial(Peer peer, Endpoint endpoint) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        Future<Channel> tunnel = transport.dial(new Dial(intent(peer), endpoint, deadline), loop.eventLoop());
        run();
        return tunnel;
    }

    private static Endpoint endpoint(String host, Carrier... below) {
        List<Carrier> via = new ArrayList<>(List.of(HBONE));
        via.addAll(List.of(below));
        return new Endpoint(HostPort.parse(host), List.of(FAR), via, Optional.empty(), 1, true);
    }

    private static Endpoint secure(String host, String identity) {
        return new Endpoint(
                HostPort.parse(host),
                List.of(FAR),
                List.of(HBONE, Carrier.MESH_TLS, Carrier.TCP),
                Optional.of(identity),
                1,
                true);
    }

    private Future<Channel> dial(String host) {
        return dial(Pooled.peer(), endpoint(host, Carrier.TCP));
    }

    @Test
    void asksForTheHostAndTellsWhoAsks() {
        Future<Channel> tunnel = dial("db.m:5432");
        Far far = connected(0, 100);
        assertThat(far.heard())
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo("SETTINGS"),
                        window -> assertThat(window).isEqualTo("WINDOW 16711681"),
                        head -> assertThat(head)
                                .startsWith("HEADERS 1 :method=CONNECT :authority=db.m:5432"
                                        + " baggage=k8s.namespace.name=shop,service.name=cart"
                                        + " forwarded=for=\"192.0.2.1:1080\";host=db.m traceparent=00-")
                                .endsWith("-00")
                                .matches(text -> text.substring(text.lastIndexOf('=') + 1)
                                                .length()
                                        == 55),
                        ack -> assertThat(ack).isEqualTo("SETTINGS ack"));
        far.answer(1, 200, "baggage", "k8s.namespace.name=db");
        Channel channel = tunnel.getNow();
        Sink sink = new Sink();
        channel.pipeline().addLast(sink);
        channel.config().setAutoRead(true);
        channel.write(Unpooled.copiedBuffer("out", StandardCharsets.US_ASCII));
        channel.writeAndFlush(Fin.FIN);
        assertThat(far.heard()).containsExactly("DATA 1 end out");
        far.say(Frames.data(1, true, "in"));
        assertThat(new String(sink.taken(), StandardCharsets.US_ASCII)).isEqualTo("in");
        assertThat(sink.ended()).isTrue();
    }

    @Test
    void hopsAndTraceGoOn() {
        String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        Intent intent = new Intent(
                "hbone",
                Pooled.peer(),
                HostPort.parse("db.m:5432"),
                Shape.BYTES,
                Map.of(),
                Fields.of("via", "2 a", "traceparent", trace));
        transport.dial(new Dial(intent, endpoint("10.0.0.9:5432", Carrier.TCP), Long.MAX_VALUE / 2), loop.eventLoop());
        Far far = connected(0, 100);
        assertThat(far.heard())
                .anySatisfy(head -> assertThat(head)
                        .contains("forwarded=for=\"192.0.2.1:1080\" traceparent=" + trace)
                        .startsWith("HEADERS 1 :method=CONNECT :authority=10.0.0.9:5432"));
    }

    @Test
    void tunnelsShareAConnectionUpToWhatThePeerTakes() {
        Future<Channel> one = dial("a.m:1");
        Future<Channel> two = dial("b.m:2");
        Future<Channel> three = dial("c.m:3");
        assertThat(dials).hasSize(1);
        Far far = connected(0, 2);
        far.answer(1, 200).answer(3, 200);
        assertThat(one.isSuccess()).isTrue();
        assertThat(two.isSuccess()).isTrue();
        assertThat(three.isDone()).isFalse();
        assertThat(dials).hasSize(2);
        connected(1, 2).answer(1, 200);
        assertThat(three.isSuccess()).isTrue();
        assertThat(counts.open()).isEqualTo(2);
        two.getNow().close();
        run();
        Future<Channel> four = dial("d.m:4");
        assertThat(counts.of(Event.REUSED)).isEqualTo(1);
        assertThat(four.isDone()).isFalse();
    }

    @Test
    void firstTunnelGoesOutAtOnceAndOthersWaitForTheSettings() {
        dial("a.m:1");
        dial("b.m:2");
        Far far = new Far();
        far.wire.config().setAutoRead(false);
        fars.add(far);
        answers.get(0).setSuccess(far.wire);
        assertThat(far.heard()).filteredOn(line -> line.startsWith("HEADERS")).hasSize(1);
        far.say(Frames.settings(3, 100));
        assertThat(far.heard()).filteredOn(line -> line.startsWith("HEADERS")).hasSize(1);
    }

    @Test
    void t65WhatMustNotBeSharedIsNot() {
        Peer alice = Pooled.peer("alice");
        Peer bob = Pooled.peer("bob");
        dial(alice, secure("a.m:1", "spiffe://td/ns/a/sa/a"));
        dial(alice, secure("b.m:1", "spiffe://td/ns/a/sa/a"));
        assertThat(dials).hasSize(1);
        assertThat(dials.get(0).carrier().options()).containsEntry("alpn", "h2");
        dial(bob, secure("a.m:1", "spiffe://td/ns/a/sa/a"));
        assertThat(dials).hasSize(2);
        dial(alice, secure("a.m:1", "spiffe://td/ns/b/sa/b"));
        assertThat(dials).hasSize(3);
        dial(
                alice,
                secure("a.m:1", "spiffe://td/ns/a/sa/a")
                        .withAddresses(List.of(new InetSocketAddress("203.0.113.8", 1))));
        assertThat(dials).hasSize(4);
        Dial workload = new Dial(
                intent(alice), secure("a.m:1", "spiffe://td/ns/a/sa/a"), Long.MAX_VALUE / 2, Optional.of("other"));
        transport.dial(workload, loop.eventLoop());
        assertThat(dials).hasSize(5);
        Carrier gateway = MTLS("spiffe://td/ns/gw/sa/gw");
        dial(alice, endpoint("a.m:1", gateway, Carrier.TCP));
        dial(alice, endpoint("b.m:1", gateway, Carrier.TCP));
        assertThat(dials).as("whoever is reached through it").hasSize(6);
        dial(alice, endpoint("a.m:1", Carrier.of("tls"), Carrier.TCP));
        dial(alice, endpoint("b.m:1", Carrier.of("tls"), Carrier.TCP));
        assertThat(dials).hasSize(8);
        run();
    }

    @ParameterizedTest
    @CsvSource({
        "401,,DENIED,hbone: status 401: denied",
        "403,,DENIED,hbone: status 403: denied",
        "503,,UNREACHABLE,hbone: status 503: unavailable",
        "400,,MALFORMED,hbone: status 400: expected another head",
        "201,,UNREACHABLE,hbone: status 201: expected 200",
        "504,,TIMED_OUT,hbone: status 504: expected 200",
        "503,ugate; error=dns_error,UNRESOLVED,hbone: status 503: dns_error",
        "503,ugate; error=connection_refused,CONNECTION_REFUSED,hbone: status 503: connection_refused",
        "401,ugate; error=proxy_loop_detected,LOOP,hbone: status 401: proxy_loop_detected"
    })
    void anythingBut200IsARefusal(int status, String said, Refusal reason, String text) {
        Future<Channel> tunnel = dial("db.m:5432");
        Far far = connected(0, 100);
        far.answer(1, status, said == null ? new String[0] : new String[] {"proxy-status", said});
        assertThat(tunnel.cause()).isInstanceOfSatisfying(Refused.class, why -> {
            assertThat(why.reason()).isEqualTo(reason);
            assertThat(why.text()).isEqualTo(text);
        });
        assertThat(dials).hasSize(1);
    }

    @Test
    void peerThatLeavesCostsNoTunnel() {
        dial("a.m:1");
        Far far = connected(0, 100);
        far.answer(1, 200);
        Future<Channel> late = dial("b.m:2");
        far.say(Frames.goAway(1, 0));
        assertThat(late.isDone()).isFalse();
        assertThat(dials).hasSize(2);
        connected(1, 100).answer(1, 200);
        assertThat(late.isSuccess()).isTrue();
        assertThat(far.wire.isOpen()).as("the tunnel that runs goes on").isTrue();
    }

    @Test
    void refusedStreamIsAskedElsewhereAndNotForEver() {
        Future<Channel> tunnel = dial("a.m:1");
        Far far = connected(0, 100);
        for (int stream = 1; stream < 10; stream += 2) {
            assertThat(tunnel.isDone()).isFalse();
            far.say(Frames.reset(stream, 7));
        }
        assertThat(tunnel.cause()).hasMessageContaining("REFUSED_STREAM");
    }

    @Test
    void connectionThatBreaksBeforeItsAnswerIsReplaced() {
        Future<Channel> tunnel = dial("a.m:1");
        Far far = connected(0, 100);
        far.wire.close();
        run();
        assertThat(dials).hasSize(2);
        connected(1, 100).answer(1, 200);
        assertThat(tunnel.isSuccess()).isTrue();
        assertThat(counts.open()).isEqualTo(1);
    }

    @Test
    void resetTunnelIsABreakAndNotAnEnd() {
        Future<Channel> tunnel = dial("a.m:1");
        Far far = connected(0, 100);
        far.answer(1, 200);
        Sink sink = new Sink();
        tunnel.getNow().pipeline().addLast(sink);
        tunnel.getNow().config().setAutoRead(true);
        far.say(Frames.data(1, false, "part"), Frames.reset(1, 8));
        assertThat(sink.ended()).isFalse();
        assertThat(tunnel.getNow().isOpen()).isFalse();
        Future<Channel> other = dial("b.m:1");
        far.answer(3, 200);
        other.getNow().close();
        assertThat(far.heard()).contains("RST 3 10");
    }

    @Test
    void cancelledDialGivesItsStreamUp() {
        Future<Channel> tunnel = dial("a.m:1");
        Far far = connected(0, 100);
        tunnel.cancel(false);
        assertThat(far.heard()).contains("RST 1 8");
        Future<Channel> waiting = dial(Pooled.peer("x"), endpoint("a.m:1", Carrier.TCP));
        waiting.cancel(false);
        run();
        assertThat(answers.get(1).isCancelled()).isTrue();
    }

    @Test
    void deadlineHoldsForTheAnswerToo() {
        Future<Channel> tunnel = transport.dial(
                new Dial(intent(Pooled.peer()), endpoint("a.m:1", Carrier.TCP), System.nanoTime()), loop.eventLoop());
        loop.pass(Duration.ofMillis(1));
        assertThat(tunnel.cause()).hasMessage("hbone: limit connect: no answer in time");
    }

    @Test
    void idleConnectionIsReleased() {
        Future<Channel> tunnel = dial("a.m:1");
        Far far = connected(0, 100);
        far.answer(1, 200);
        loop.pass(Duration.ofMinutes(6));
        assertThat(far.wire.isOpen()).isTrue();
        tunnel.getNow().close();
        run();
        far.wire.pass(Duration.ofSeconds(1));
        loop.pass(Duration.ofMinutes(6));
        run();
        far.heard();
        assertThat(far.wire.sawEnd()).isTrue();
    }

    @Test
    void tunnelWithinATunnelIsAlone() {
        Carrier outer = MTLS("spiffe://td/ns/gw/sa/gw");
        Endpoint twice = new Endpoint(
                HostPort.parse("db.m:5432"),
                List.of(FAR),
                List.of(new Carrier("hbone", Map.of("network", "west")), Carrier.MESH_TLS, HBONE, outer, Carrier.TCP),
                Optional.of("spiffe://td/ns/db/sa/db"),
                1,
                true);
        Future<Channel> first = dial(Pooled.peer(), twice);
        Future<Channel> second = dial(Pooled.peer(), twice);
        assertThat(dials).hasSize(2).allSatisfy(dial -> {
            assertThat(dial.carrier().name()).isEqualTo("mtls");
            assertThat(dial.endpoint().host()).hasToString("db.m:5432");
            assertThat(dial.endpoint().via()).hasSize(4);
        });
        Far far = connected(0, 100);
        assertThat(far.heard()).anySatisfy(line -> assertThat(line).endsWith("x-forwarded-network=west"));
        far.answer(1, 200);
        first.getNow().close();
        run();
        far.heard();
        assertThat(far.wire.sawEnd()).isTrue();
        assertThat(second.isDone()).isFalse();
        assertThat(counts.open()).isZero();
    }

    private static Carrier MTLS(String identity) {
        return Carrier.MESH_TLS.with(Map.of("identity", identity));
    }

    @Test
    void peerThatChoosesNoHttp2IsRefused() {
        Future<Channel> tunnel = dial(Pooled.peer(), secure("a.m:1", "spiffe://td/ns/a/sa/a"));
        Far far = new Far();
        fars.add(far);
        answers.get(0).setSuccess(far.wire);
        run();
        assertThat(tunnel.cause()).hasMessageContaining("expected the upstream to choose h2");
    }

    @Test
    void silentPeerIsGivenUp() {
        Future<Channel> tunnel = dial("a.m:1");
        Far far = connected(0, 100);
        far.answer(1, 200);
        far.heard();
        far.wire.pass(Duration.ofSeconds(3));
        far.wire.pass(Duration.ofSeconds(12));
        assertThat(far.heard()).containsExactly("PING");
        far.wire.pass(Duration.ofSeconds(25));
        assertThat(tunnel.getNow().isOpen()).isFalse();
    }

    @Test
    void datagramsGoAnotherWay() {
        Intent flow = new Intent("socks5", Pooled.peer(), HostPort.parse("a.m:53"), Shape.DATAGRAMS, Map.of());
        Future<Channel> tunnel =
                transport.dial(new Dial(flow, endpoint("a.m:53", Carrier.TCP), Long.MAX_VALUE / 2), loop.eventLoop());
        assertThat(tunnel.cause()).hasMessageContaining("datagrams");
    }

    @Test
    void requestsTellNothingOfASingleClient() {
        Peer alice = Pooled.peer().withIdentity(new Identity("user:alice", Identity.Proof.PASSWORD));
        Intent request = new Intent(
                "http",
                alice,
                HostPort.parse("a.m:80"),
                Shape.MESSAGES,
                Map.of(),
                Fields.of("via", "1.1 x", "cookie", "y"));
        transport.dial(new Dial(request, endpoint("a.m:80", Carrier.TCP), Long.MAX_VALUE / 2), loop.eventLoop());
        Far far = connected(0, 100);
        assertThat(far.heard())
                .filteredOn(line -> line.startsWith("HEADERS"))
                .singleElement()
                .asString()
                .doesNotContain("forwarded", "via", "cookie");
    }

    @Test
    void tooManyWaitersAreTurnedAway() {
        settings = new Settings(
                settings.timeouts(),
                Changed.of(settings.limits(), Map.of("upstream", new Limits.Upstream(1, 1, 1, 1, Bytes.kib(64)))),
                settings.journal());
        dial("a.m:1");
        Future<Channel> second = dial("b.m:1");
        assertThat(second.cause()).hasMessageContaining("limit upstreamPending");
    }
}
