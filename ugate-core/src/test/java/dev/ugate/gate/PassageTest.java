package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Route;
import dev.ugate.model.Shape;
import dev.ugate.model.Timeouts;
import dev.ugate.policy.Rule;
import dev.ugate.policy.Rules;
import dev.ugate.route.Match;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.testing.Listening;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PassageTest {
    private final Ways ways = new Ways();

    @AfterEach
    void stop() {
        ways.close();
    }

    private static Rule rule(String name, List<String> to, List<String> cidrs) {
        return new Rule(
                name,
                List.of(),
                to.stream().map(Glob::new).toList(),
                cidrs.stream().map(Cidr::parse).toList(),
                List.of(),
                List.of(),
                false);
    }

    private static Route forward(String name, String... to) {
        List<Route.Destination> destinations = Arrays.stream(to)
                .map(t -> new Route.Destination(Optional.of(t), 1, List.of(), Optional.empty()))
                .toList();
        return new Route(name, Match.ALL, new Route.Forward(destinations, Optional.empty(), Optional.empty()));
    }

    private static Optional<Ingress> listener(Forward forward, String target, String fallback) {
        Ingress open = Listening.open().ingress();
        return Optional.of(new Ingress(
                "edge",
                forward,
                List.of(),
                Optional.empty(),
                Credentials.NONE,
                List.of(),
                Optional.of(target).filter(t -> !t.isEmpty()).map(HostPort::parse),
                Optional.of(fallback).filter(t -> !t.isEmpty()).map(HostPort::parse),
                open.settings()));
    }

    /** T61: nothing is looked up or dialled for a peer without rights. */
    @Test
    void policyComesBeforeResolving() {
        ways.decide(new Rules(List.of(rule("no", List.of("*.evil"), List.of())), List.of(), true));
        Refused why = Ways.refused(ways.begin(Ways.to(Ways.FAR, "a.evil:80")));
        assertThat(why.reason()).isEqualTo(Refusal.DENIED);
        assertThat(why.text()).isEqualTo("policy: rule no denies a.evil:80");
        assertThat(ways.asked).hasValue(0);
        assertThat(ways.dialled()).isEmpty();
    }

    /** T84: resolved once, every address judged, exactly those that passed are dialled. */
    @Test
    void dialsExactlyTheAddressesThatWereJudged() {
        ways.decide(new Rules(List.of(rule("lab", List.of(), List.of("10.1.0.0/16"))), List.of(), true));
        ways.discovery = target -> Ways.answer(Ways.at(
                "rebound.test", "203.0.113.1", "169.254.169.254", "10.1.2.3", "127.0.0.1", "::1", "203.0.113.2"));
        ways.begin(Ways.to(Ways.FAR, "rebound.test:80"));
        assertThat(ways.dialled()).containsExactly(List.of("203.0.113.1:80", "203.0.113.2:80"));
        assertThat(ways.asked).hasValue(1);
    }

    /** T61: by name or by literal, in every spelling. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.0.9",
                "::1",
                "0.0.0.0",
                "0.1.2.3",
                "::",
                "169.254.169.254",
                "fe80::1",
                "224.0.0.1",
                "ff02::1",
                "255.255.255.255",
                "::ffff:127.0.0.1",
                "::127.0.0.1",
                "64:ff9b::7f00:1"
            })
    void specialAddressesAreForLocalPeersOnly(String address) {
        ways.discovery = target -> Ways.answer(Ways.at("name.test", address));
        Refused why = Ways.refused(ways.begin(Ways.to(Ways.FAR, "name.test:80")));
        assertThat(why.reason()).isEqualTo(Refusal.DENIED);
        assertThat(why.text()).startsWith("endpoint name.test:80: policy: rule special-address denies ");
        assertThat(ways.dialled()).isEmpty();
        ways.begin(Ways.to(Ways.NEAR, "name.test:80"));
        assertThat(ways.dialled()).hasSize(1);
    }

    @Test
    void whatTheOperatorWroteDownIsNoSurprise() {
        ways.discovery = Ways::literal;
        ways.decide(Rules.OPEN, forward("home", "127.0.0.1:5432"));
        ways.begin(Ways.to(Ways.FAR, "db.test:80"));
        assertThat(ways.dialled()).containsExactly(List.of("127.0.0.1:5432"));
        ways.decide(Rules.OPEN);
        ways.begin(Ways.to(Ways.FAR, "127.0.0.1:9000"), listener(Forward.NONE, "127.0.0.1:9000", ""));
        assertThat(ways.dialled()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 1080, 127.0.0.1, true",
        "0.0.0.0, 1080, 127.0.0.1, true",
        "0.0.0.0, 1080, 127.9.9.9, true",
        "0.0.0.0, 1080, 10.0.0.5, true",
        "0.0.0.0, 1080, 10.0.0.6, false",
        "0.0.0.0, 1081, 127.0.0.1, false",
        "::, 1080, 127.0.0.1, true",
        "127.0.0.1, 1080, 0.0.0.0, true",
        "10.0.0.5, 1080, 127.0.0.1, false",
        "10.0.0.5, 1080, 10.0.0.5, true"
    })
    void neverDialsItsOwnListeners(String bound, int port, String dialled, boolean loop) throws Exception {
        ways.own.replace(new OwnAddresses(
                Set.of(new InetSocketAddress(bound, port)), Set.of(), Set.of(InetAddress.getByName("10.0.0.5"))));
        Future<Channel> way = ways.begin(Ways.to(Ways.NEAR, dialled + ":1080"));
        if (loop) {
            assertThat(Ways.refused(way).reason()).isEqualTo(Refusal.LOOP);
            assertThat(ways.dialled()).isEmpty();
        } else {
            assertThat(ways.dialled()).hasSize(1);
        }
    }

    @Test
    void aListenerForDatagramsIsNoLoopForAStream() {
        ways.own.replace(new OwnAddresses(Set.of(), Set.of(new InetSocketAddress("127.0.0.1", 53)), Set.of()));
        ways.begin(Ways.to(Ways.NEAR, "127.0.0.1:53"));
        assertThat(ways.dialled()).hasSize(1);
        Intent datagrams = new Intent("udp", Ways.NEAR, new HostPort("127.0.0.1", 53), Shape.DATAGRAMS, Map.of());
        assertThat(Ways.refused(ways.begin(datagrams)).reason()).isEqualTo(Refusal.LOOP);
    }

    @Test
    void datagramsGoByUdpUnlessACarrierSaysOtherwise() {
        ways.begin(new Intent("udp", Ways.FAR, new HostPort("203.0.113.1", 53), Shape.DATAGRAMS, Map.of()));
        ways.settle();
        assertThat(ways.dials.get(0).endpoint().via()).containsExactly(Carrier.of("udp"));
    }

    @Test
    void triesTheNextEndpointAndThenTheNextStage() {
        ways.discovery = target -> CompletableFuture.completedFuture(Optional.of(new Resolution(
                List.of(
                        List.of(Ways.at("a", "203.0.113.1"), Ways.at("b", "203.0.113.2")),
                        List.of(Ways.at("c", "203.0.113.3"))),
                "test",
                Duration.ZERO,
                Resolution.Validation.NONE,
                Optional.empty())));
        ways.decide(
                Rules.OPEN,
                new Route("mesh", Match.ALL, new Route.Forward(List.of(), Optional.empty(), Optional.empty())));
        Future<Channel> way = ways.begin(Ways.to(Ways.FAR, "svc.test:80"));
        for (int i = 0; i < 3; i++) {
            assertThat(ways.dialled()).hasSize(i + 1);
            ways.answers.get(i).setFailure(Refused.because(Refusal.CONNECTION_REFUSED, "connect: refused"));
        }
        Refused why = Ways.refused(way);
        assertThat(why.reason()).isEqualTo(Refusal.CONNECTION_REFUSED);
        assertThat(why.text()).isEqualTo("route mesh: endpoint c:80: connect: refused");
        assertThat(ways.dialled())
                .containsExactlyInAnyOrder(
                        List.of("203.0.113.1:80"), List.of("203.0.113.2:80"), List.of("203.0.113.3:80"));
        assertThat(ways.dialled().get(2)).containsExactly("203.0.113.3:80");
    }

    @Test
    void cancellingAbortsTheDial() {
        Future<Channel> way = ways.begin(Ways.to(Ways.FAR, "203.0.113.1:80"));
        ways.settle();
        assertThat(way.cancel(false)).isTrue();
        ways.settle();
        assertThat(ways.answers.get(0).isCancelled()).isTrue();
        assertThat(ways.dialled()).hasSize(1);
    }

    @Test
    void cancellingWhileResolvingDialsNothing() {
        CompletableFuture<Optional<Resolution>> answer = new CompletableFuture<>();
        ways.discovery = target -> answer;
        Future<Channel> way = ways.begin(Ways.to(Ways.FAR, "slow.test:80"));
        way.cancel(false);
        answer.complete(Ways.answer(Ways.at("slow.test", "203.0.113.1"))
                .toCompletableFuture()
                .join());
        assertThat(ways.dialled()).isEmpty();
    }

    @Test
    void aConnectionThatComesTooLateIsClosed() {
        Future<Channel> way = ways.begin(Ways.to(Ways.FAR, "203.0.113.1:80"));
        ways.settle();
        EmbeddedChannel late = new EmbeddedChannel();
        ways.onLoop(() -> {
            ways.answers.get(0).setSuccess(late);
            return way.cancel(false);
        });
        ways.settle();
        assertThat(way.isCancelled() ? !late.isOpen() : way.getNow().equals(late))
                .isTrue();
    }

    @Test
    void aDialThatOthersCancelledIsAFailureLikeAnyOther() {
        ways.discovery = target -> Ways.answer(Ways.at("a", "203.0.113.1"), Ways.at("b", "203.0.113.2"));
        Future<Channel> way = ways.begin(Ways.to(Ways.FAR, "svc.test:80"));
        ways.settle();
        ways.answers.get(0).cancel(false);
        ways.settle();
        ways.answers.get(1).cancel(false);
        assertThat(Ways.refused(way).reason()).isEqualTo(Refusal.UNREACHABLE);
    }

    @Test
    void aTransportThatThrowsIsAFailureLikeAnyOther() {
        ways.transport = dial -> {
            throw Refused.because(Refusal.NO_ROUTE, "carrier x: unknown");
        };
        assertThat(Ways.refused(ways.begin(Ways.to(Ways.FAR, "203.0.113.1:80"))).text())
                .isEqualTo("endpoint 203.0.113.1:80: carrier x: unknown");
        Endpoint endpoint = Ways.at("203.0.113.1", "203.0.113.1");
        double cost = ways.onLoop(() -> ways.outbound.balancer().load(endpoint).cost(0));
        assertThat(cost).as("no dial is pending").isLessThan(1e6);
    }

    @Test
    void aBugInASourceIsInternalAndNotSilence() {
        ways.discovery = target -> {
            throw new IllegalStateException("boom");
        };
        assertThat(Ways.refused(ways.begin(Ways.to(Ways.FAR, "a.test:80"))).reason())
                .isEqualTo(Refusal.INTERNAL);
        ways.discovery = target -> CompletableFuture.failedFuture(new IllegalStateException("boom"));
        assertThat(Ways.refused(ways.begin(Ways.to(Ways.FAR, "a.test:80"))).reason())
                .isEqualTo(Refusal.INTERNAL);
    }

    @Test
    void aSourceThatNeverAnswersIsGivenUp() {
        Timeouts t = Timeouts.STANDARD;
        Plan now = ways.plan.read();
        ways.plan.replace(new Plan(
                now.policy(),
                now.routes(),
                now.discovery(),
                new Timeouts(
                        t.sniff(),
                        t.sniffGrace(),
                        t.handshake(),
                        t.requestHead(),
                        t.keepAlive(),
                        Duration.ofMillis(50),
                        t.connect(),
                        t.idle(),
                        t.halfClosed(),
                        t.writeStall(),
                        t.lameDuck(),
                        t.drain(),
                        t.exchange())));
        ways.discovery = target -> new CompletableFuture<>();
        Refused why = Ways.refused(ways.begin(Ways.to(Ways.FAR, "a.test:80")));
        assertThat(why.reason()).isEqualTo(Refusal.UNRESOLVED);
        assertThat(why.text()).isEqualTo("resolve a.test:80: limit resolve: no answer within 50ms");
        assertThat(why.error()).contains(dev.ugate.model.http.ProxyError.DNS_TIMEOUT);
    }

    @Test
    void anAnswerFromAnotherThreadIsUsedOnTheLoop() {
        ways.transport = dial -> {
            assertThat(ways.loop.inEventLoop()).isTrue();
            return ways.connects(dial);
        };
        ways.discovery = target -> CompletableFuture.supplyAsync(() ->
                Ways.answer(Ways.at("a", "203.0.113.1")).toCompletableFuture().join());
        Future<Channel> way = ways.begin(Ways.to(Ways.FAR, "a.test:80"));
        assertThat(way.awaitUninterruptibly(20_000)).isTrue();
        assertThat(Passage.of(way.getNow())).isPresent();
    }

    @Test
    void noEndpointIsUnresolved() {
        ways.discovery = target -> Ways.answer();
        assertThat(Ways.refused(ways.begin(Ways.to(Ways.FAR, "a.test:80"))).text())
                .isEqualTo("resolve a.test:80: no endpoint");
        ways.discovery = target -> Ways.answer(Ways.at("a"));
        assertThat(Ways.refused(ways.begin(Ways.to(Ways.FAR, "a.test:80"))).text())
                .isEqualTo("endpoint a:80: no address");
        ways.discovery = target -> CompletableFuture.completedFuture(Optional.empty());
        assertThat(Ways.refused(ways.begin(Ways.to(Ways.FAR, "a.test:80"))).reason())
                .isEqualTo(Refusal.UNRESOLVED);
    }

    @Test
    void manyDeniedEndpointsAreNoDeepCall() {
        Endpoint[] denied = IntStream.range(0, 30_000)
                .mapToObj(i -> Ways.at("h" + i, "127.0.0.1"))
                .toArray(Endpoint[]::new);
        ways.discovery = target -> Ways.answer(denied);
        assertThat(Ways.refused(ways.begin(Ways.to(Ways.FAR, "a.test:80"))).reason())
                .isEqualTo(Refusal.DENIED);
    }

    @Test
    void routesDenyAndAnswerLocally() {
        ways.decide(Rules.OPEN, new Route("closed", Match.ALL, new Route.Deny()));
        Refused denied = Ways.refused(ways.begin(Ways.to(Ways.FAR, "203.0.113.1:80")));
        assertThat(denied.reason()).isEqualTo(Refusal.DENIED);
        assertThat(denied.text()).isEqualTo("route closed: denied");
        ways.decide(Rules.OPEN, new Route("page", Match.ALL, new Route.Local(200, "hi")));
        assertThat(Ways.refused(ways.begin(Ways.to(Ways.FAR, "203.0.113.1:80"))).reason())
                .isEqualTo(Refusal.NO_ROUTE);
        assertThat(ways.asked).hasValue(0);
    }

    @Test
    void aListenerThatDoesNotForwardNeedsARoute() {
        Intent intent = Ways.to(Ways.FAR, "203.0.113.1:80");
        assertThat(Ways.refused(ways.begin(intent, listener(Forward.NONE, "", "")))
                        .reason())
                .isEqualTo(Refusal.NO_ROUTE);
        assertThat(ways.asked).hasValue(0);
        ways.begin(intent, listener(Forward.OPEN, "", ""));
        assertThat(ways.dialled()).hasSize(1);
        ways.decide(Rules.OPEN, forward("r", "203.0.113.9:80"));
        ways.begin(intent, listener(Forward.NONE, "", ""));
        assertThat(ways.dialled().get(1)).containsExactly("203.0.113.9:80");
    }

    @Test
    void someListenersForwardForAuthenticatedPeersOnly() {
        Optional<Ingress> listener = listener(Forward.AUTHENTICATED, "", "");
        assertThat(Ways.refused(ways.begin(Ways.to(Ways.FAR, "203.0.113.1:80"), listener))
                        .reason())
                .isEqualTo(Refusal.UNAUTHENTICATED);
        Peer known = Ways.FAR.withIdentity(new Identity("user:ada", Identity.Proof.PASSWORD));
        ways.begin(Ways.to(known, "203.0.113.1:80"), listener);
        assertThat(ways.dialled()).hasSize(1);
    }

    @Test
    void targetAndFallbackOfAListenerNeedNoRoute() {
        ways.begin(Ways.to(Ways.FAR, "203.0.113.1:80"), listener(Forward.NONE, "203.0.113.1:80", ""));
        ways.begin(Ways.to(Ways.FAR, "203.0.113.2:80"), listener(Forward.NONE, "", "203.0.113.2:80"));
        assertThat(ways.dialled()).hasSize(2);
    }

    /** E11: destinations come from discovery; another provider at run time is enough to change them. */
    @Test
    void replacingDiscoveryAtRunTimeChangesDestinations() {
        ways.decide(Rules.OPEN, forward("svc", "svc.test:80"));
        List<List<String>> seen = new ArrayList<>();
        for (String address : List.of("203.0.113.1", "203.0.113.2")) {
            Plan now = ways.plan.read();
            ways.plan.replace(new Plan(
                    now.policy(), now.routes(), target -> Ways.answer(Ways.at("svc.test", address)), now.timeouts()));
            ways.begin(Ways.to(Ways.FAR, "svc.test:80"));
            seen.add(ways.dialled().get(seen.size()));
        }
        assertThat(seen).containsExactly(List.of("203.0.113.1:80"), List.of("203.0.113.2:80"));
    }

    @Test
    void aLibraryUserMayDialAndCancelFromAnyThread() {
        Future<Channel> way = ways.outbound.dial(Ways.to(Ways.NEAR, "203.0.113.1:80"), ways.loop);
        ways.settle();
        assertThat(way.cancel(false)).isTrue();
        ways.settle();
        assertThat(ways.answers.get(0).isCancelled()).isTrue();
    }
}
