package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ugate.model.Carrier;
import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.model.Shape;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Fields;
import dev.ugate.policy.Rule;
import dev.ugate.policy.Rules;
import dev.ugate.route.Match;
import dev.ugate.route.Routes;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Arrival;
import dev.ugate.spi.Ingress.Inbound;
import dev.ugate.spi.Request;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Waist;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArrivalsTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("10.0.0.1", 40000);
    private static final InetSocketAddress HERE = new InetSocketAddress("10.0.0.5", 15008);
    private static final OwnAddresses OWN =
            new OwnAddresses(Set.of(new InetSocketAddress("10.0.0.5", 15001)), Set.of(), Set.of());
    private static final Peer CAPTURED = Peer.of(CLIENT, HERE).capturedFrom(new InetSocketAddress("203.0.113.9", 443));

    private static Plan plan(Rules policy, Route... routes) {
        return new Plan(policy, new Routes(List.of(routes)), Waist.LITERALS, Timeouts.STANDARD);
    }

    private static Route route(String host) {
        return new Route(
                "named",
                new Match(List.of(new Glob(host)), List.of(), List.of(), List.of(), List.of()),
                new Route.Forward(List.of(), Optional.empty(), Optional.empty()));
    }

    private static Ingress listener(Arrival arrival) {
        Ingress open = Listening.open().ingress();
        return new Ingress(
                open.name(),
                open.forward(),
                open.protocols(),
                open.port(),
                open.users(),
                open.trustedProxies(),
                open.target(),
                open.fallback(),
                open.settings(),
                open.http(),
                arrival);
    }

    private static Ingress sidecar() {
        return listener(new Arrival(
                false,
                Optional.of(new Inbound(
                        InetAddress.getLoopbackAddress(),
                        List.of(new Carrier("proxy-v2", Map.of("destination", "asked")), Carrier.TCP),
                        Set.of("own.m", "fd00::1")))));
    }

    private static Intent wanting(Peer peer, String target) {
        return Intent.bytes("tls", peer, HostPort.parse(target));
    }

    private static Refused refused(Plan plan, Intent intent, Ingress ingress) {
        return catchThrowableOfType(Refused.class, () -> Arrivals.settle(plan, OWN, intent, ingress));
    }

    @Test
    void aCapturedStreamGoesWhereItWasGoingWhateverNameItSays() {
        Intent settled = Arrivals.settle(
                plan(Rules.OPEN),
                OWN,
                wanting(CAPTURED, "good.example:443"),
                listener(new Arrival(true, Optional.empty())));
        assertThat(settled.target()).hasToString("203.0.113.9:443");
        assertThat(settled.labels()).containsEntry("host", "good.example");
    }

    @Test
    void aRouteMayTakeItElsewhereByItsName() {
        Intent asked = wanting(CAPTURED, "good.example:443");
        assertThat(Arrivals.settle(
                        plan(Rules.OPEN, route("good.example")),
                        OWN,
                        asked,
                        listener(new Arrival(true, Optional.empty()))))
                .isEqualTo(asked);
    }

    /** T84: otherwise any address could be had under the name of an allowed one. */
    @Test
    void anAllowedNameOpensNoOtherAddress() {
        Rules byName = new Rules(List.of(), List.of(rule("web", "good.example")), false);
        Intent settled = Arrivals.settle(
                plan(byName),
                OWN,
                wanting(CAPTURED, "good.example:443"),
                listener(new Arrival(true, Optional.empty())));
        assertThat(byName.judge(settled).allowed()).isFalse();
    }

    @Test
    void aDeniedNameIsDeniedAtEveryAddress() {
        Rules byName = new Rules(List.of(rule("ads", "*.ads.example")), List.of(), true);
        Refused why = refused(
                plan(byName), wanting(CAPTURED, "x.ads.example:443"), listener(new Arrival(true, Optional.empty())));
        assertThat(why.reason()).isEqualTo(Refusal.DENIED);
        assertThat(why.text()).contains("rule ads");
    }

    @Test
    void aConnectionThatWasNeverRedirectedIsALoop() {
        Peer direct = Peer.of(CLIENT, HERE).capturedFrom(new InetSocketAddress("10.0.0.5", 15001));
        Refused why = refused(
                plan(Rules.OPEN), wanting(direct, "10.0.0.5:15001"), listener(new Arrival(true, Optional.empty())));
        assertThat(why.reason()).isEqualTo(Refusal.LOOP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"own.m:8080", "[fd00::1]:8080", "10.0.0.5:8080"})
    void whatIsForThisNodeGoesToItsApplication(String target) {
        Intent settled = Arrivals.settle(plan(Rules.OPEN), OWN, wanting(Peer.of(CLIENT, HERE), target), sidecar());

        assertThat(settled.target()).hasToString(target);
        Route route = Arrivals.toApp(settled, Optional.of(sidecar())).orElseThrow();
        assertThat(route.name()).isEqualTo("app");
        Route.Destination to = ((Route.Forward) route.action()).to().get(0);
        assertThat(to.target()).contains("127.0.0.1:8080");
        assertThat(to.via()).containsExactly(new Carrier("proxy-v2", Map.of("destination", "asked")), Carrier.TCP);
    }

    /** T62. */
    @ParameterizedTest
    @ValueSource(strings = {"other.m:8080", "10.0.0.6:8080", "127.0.0.1:8080", "[fd00::2]:8080"})
    void anotherNodesTargetIsMalformedHere(String target) {
        Refused why = refused(plan(Rules.OPEN), wanting(Peer.of(CLIENT, HERE), target), sidecar());
        assertThat(why.reason()).isEqualTo(Refusal.MALFORMED);
        assertThat(why.text()).isEqualTo("target " + target + ": not this node");
    }

    @Test
    void whatARouteNamesIsNotForTheApplication() {
        Intent asked = wanting(Peer.of(CLIENT, HERE), "other.m:8080");
        Intent settled = Arrivals.settle(plan(Rules.OPEN, route("other.m")), OWN, asked, sidecar());
        assertThat(settled).isEqualTo(asked);
        assertThat(Arrivals.toApp(settled, Optional.of(sidecar()))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"own.m:15001", "10.0.0.5:15006", "own.m:15008"})
    void portsOfOursAreALoop(String target) {
        Refused why = refused(plan(Rules.OPEN), wanting(Peer.of(CLIENT, HERE), target), sidecar());
        assertThat(why.reason()).isEqualTo(Refusal.LOOP);
    }

    /** Port 15006: what the kernel brought is for this node, whoever it thought it was talking to. */
    @Test
    void capturedInboundGoesToTheApplicationWhereOneIsNamed() {
        Peer peer = Peer.of(CLIENT, HERE).capturedFrom(new InetSocketAddress("10.0.0.5", 8080));
        Ingress inbound = listener(new Arrival(true, sidecar().arrival().inbound()));
        Intent settled = Arrivals.settle(plan(Rules.OPEN), OWN, wanting(peer, "shop.example:8080"), inbound);
        assertThat(settled.target()).hasToString("10.0.0.5:8080");
        assertThat(Arrivals.toApp(settled, Optional.of(inbound))).isPresent();
    }

    /** Found by audit: the way of a request was looked for as if it had come by no listener. */
    @Test
    void aRequestForThisNodeGoesToItsApplicationAsAStreamDoes() {
        EmbeddedChannel body = new EmbeddedChannel();
        Peer peer = Peer.of(CLIENT, HERE);
        Connection.accepted(sidecar(), peer).on(body);
        HostPort target = new HostPort("own.m", 8080);
        Intent asked = new Intent("http", peer, target, Shape.MESSAGES, Map.of());
        try (Ways ways = new Ways()) {
            ways.outbound.dial(
                    ways.outbound.settle(asked, sidecar()),
                    new Request("GET", "http", target, "/", Fields.NONE, 0, body));
            assertThat(ways.dialled()).containsExactly(List.of("127.0.0.1:8080"));
        }
    }

    private static Rule rule(String name, String to) {
        return new Rule(name, List.of(), List.of(new Glob(to)), List.<Cidr>of(), List.of(), List.of(), false);
    }

    @Test
    void aStreamForASocketGoesThereUnlessARouteSaysOtherwise() {
        Intent plain = Intent.bytes("ssh", Peer.of(CLIENT, HERE), new HostPort("app.m", 0));
        Intent asked = plain.with(Intent.SOCKET, "/run/app.sock");
        Optional<Ingress> open = Optional.of(Listening.open().ingress());

        assertThat(Verdicts.route(plan(Rules.OPEN), plain, open)).isEmpty();
        Route made = Verdicts.route(plan(Rules.OPEN), asked, open).orElseThrow();
        assertThat(made.name()).isEqualTo("socket");
        assertThat(Verdicts.forwarding(made).to())
                .singleElement()
                .satisfies(to -> assertThat(to.target()).contains("unix:/run/app.sock"));
        assertThat(Verdicts.route(plan(Rules.OPEN, route("app.m")), asked, open))
                .map(Route::name)
                .contains("named");
    }

    @Test
    void aSocketIsNotReachedWhereTheListenerForwardsNothing() {
        Intent asked = Intent.bytes("ssh", Peer.of(CLIENT, HERE), new HostPort("app.m", 0))
                .with(Intent.SOCKET, "/run/app.sock");
        Ingress closed = Listening.open().forward(Ingress.Forward.NONE).ingress();
        Refused refused =
                catchThrowableOfType(Refused.class, () -> Verdicts.route(plan(Rules.OPEN), asked, Optional.of(closed)));
        assertThat(refused.reason()).isEqualTo(Refusal.NO_ROUTE);
    }
}
