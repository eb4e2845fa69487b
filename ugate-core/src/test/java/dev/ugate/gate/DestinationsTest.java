package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Balance;
import dev.ugate.model.Carrier;
import dev.ugate.model.Discovery;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Resolution;
import dev.ugate.model.Route;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.policy.Rules;
import dev.ugate.route.Routes;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class DestinationsTest {
    private static final List<Endpoint> FIRST =
            List.of(Ways.weighing(2, "203.0.113.1"), Ways.weighing(0, "203.0.113.2"));
    private static final List<Endpoint> RESERVE = List.of(Ways.weighing(65_535, "203.0.113.3"));

    private final Discovery discovery = target -> switch (target.host()) {
        case "db.test" ->
            CompletableFuture.completedFuture(Optional.of(new Resolution(
                    List.of(FIRST, RESERVE),
                    "test",
                    Duration.ZERO,
                    Resolution.Validation.NONE,
                    Optional.of(Balance.PEAK_EWMA))));
        case "three.test" ->
            Ways.answer(
                    Ways.weighing(1, "203.0.113.4"), Ways.weighing(1, "203.0.113.5"), Ways.weighing(1, "203.0.113.6"));
        case "large.test" -> Ways.answer(Ways.weighing(65_535, "203.0.113.7"), Ways.weighing(1, "203.0.113.8"));
        case "none.test" -> CompletableFuture.completedFuture(Optional.empty());
        case "broken.test" -> CompletableFuture.failedFuture(Refused.because(Refusal.UNRESOLVED, "dns: no answer"));
        default -> Ways.literal(target);
    };

    private static Route.Destination to(String target, int weight) {
        return new Route.Destination(Optional.of(target), weight, List.of(), Optional.empty());
    }

    private Destinations resolve(Optional<Balance> balance, Route.Destination... to) {
        Route.Forward forward = new Route.Forward(Arrays.asList(to), balance, Optional.empty());
        Plan plan = new Plan(Rules.OPEN, new Routes(List.of()), discovery, Timeouts.STANDARD);
        return Destinations.resolve(plan, Ways.to(Ways.FAR, "db.test:5432"), forward, Optional.empty())
                .toCompletableFuture()
                .join();
    }

    private static List<List<Integer>> weights(Destinations destinations) {
        return destinations.stages().stream()
                .map(stage -> stage.stream().map(Endpoint::weight).toList())
                .toList();
    }

    @Test
    void withoutDestinationsDiscoveryDecidesEverything() {
        Destinations all = resolve(Optional.empty());
        assertThat(all.stages()).containsExactly(FIRST, RESERVE);
        assertThat(all.balance()).isEqualTo(Balance.PEAK_EWMA);
        assertThat(resolve(Optional.of(Balance.LEAST_CONNECTIONS)).balance()).isEqualTo(Balance.LEAST_CONNECTIONS);
    }

    @Test
    void weightsOfRouteAndSourceAreMultiplied() {
        assertThat(weights(resolve(Optional.empty(), to("db.test", 3))))
                .containsExactly(List.of(6, 0), List.of(196_605));
        assertThat(weights(resolve(Optional.empty(), to("db.test", 0)))).containsExactly(List.of(0, 0), List.of(0));
        assertThat(weights(resolve(Optional.empty(), to("db.test", 65_535))))
                .element(1)
                .isEqualTo(List.of(Integer.MAX_VALUE));
    }

    @Test
    void severalDestinationsKeepTheirReservesInReserve() {
        Destinations both = resolve(Optional.empty(), to("db.test", 1), to("203.0.113.9:1", 1));
        assertThat(weights(both)).containsExactly(List.of(2, 0, 2), List.of(32_768));
    }

    /** As in the Gateway API, whose weights are those of backends: three endpoints had three times their share. */
    @Test
    void aDestinationGetsItsWeightHoweverManyEndpointsItHas() {
        assertThat(weights(resolve(Optional.empty(), to("three.test", 90), to("203.0.113.9:1", 10))))
                .containsExactly(List.of(90, 90, 90, 30));
        assertThat(weights(resolve(Optional.empty(), to("three.test", 1), to("db.test", 1))))
                .element(0)
                .isEqualTo(List.of(2, 2, 2, 6, 0));
        assertThat(weights(resolve(Optional.empty(), to("three.test", 0), to("db.test", 0))))
                .element(0)
                .isEqualTo(List.of(0, 0, 0, 0, 0));
        assertThat(weights(resolve(Optional.empty(), to("large.test", 65_535), to("203.0.113.9:1", 65_535))))
                .containsExactly(List.of(2_147_418_113, 32_768, 2_147_450_880));
    }

    /** Found by audit: it was dialled when the others could not be. */
    @Test
    void aDestinationOfWeightZeroIsOutOfService() {
        assertThat(weights(resolve(Optional.empty(), to("203.0.113.8:1", 0), to("203.0.113.9:1", 7))))
                .containsExactly(List.of(7));
    }

    @Test
    void whatCannotBeResolvedIsLeftOutWhileSomethingCan() {
        assertThat(weights(resolve(Optional.empty(), to("none.test", 1), to("203.0.113.9:1", 7), to("broken.test", 1))))
                .containsExactly(List.of(7));
        assertThatThrownBy(() -> resolve(Optional.empty(), to("broken.test", 1), to("none.test", 1)))
                .hasRootCauseMessage("dns: no answer");
    }

    @Test
    void aDestinationWithoutAPortTakesTheIntents() {
        assertThat(resolve(Optional.empty(), to("203.0.113.9", 1))
                        .stages()
                        .get(0)
                        .get(0)
                        .host())
                .isEqualTo(new HostPort("203.0.113.9", 5432));
    }

    @Test
    void whatAForwardCameToIsKeptWhilePlanAnswerAndTargetAreTheSame() {
        var answers = new ArrayDeque<CompletionStage<Optional<Resolution>>>();
        var same = Ways.answer(FIRST.get(0));
        answers.addAll(List.of(same, same, same, Ways.answer(FIRST.get(1)), same));
        Plan plan = new Plan(Rules.OPEN, new Routes(List.of()), target -> answers.remove(), Timeouts.STANDARD);
        Route.Forward forward = new Route.Forward(List.of(to("db.test", 1)), Optional.empty(), Optional.empty());
        var known = new Destinations.Known();
        Destinations first = asked(plan, forward, "db.test:1", known);
        assertThat(asked(plan, forward, "db.test:1", known)).isSameAs(first);
        assertThat(asked(plan, forward, "db.test:2", known)).isNotSameAs(first);
        assertThat(asked(plan, forward, "db.test:2", known).stages())
                .isEqualTo(List.of(List.of(FIRST.get(1).withWeight(0))));
        Plan next = new Plan(plan.policy(), plan.routes(), target -> same, Timeouts.STANDARD);
        assertThat(asked(next, forward, "db.test:2", known).stages())
                .isEqualTo(List.of(List.of(FIRST.get(0).withWeight(2))));
    }

    private static Destinations asked(Plan plan, Route.Forward forward, String target, Destinations.Known known) {
        return Destinations.resolve(plan, Ways.to(Ways.FAR, target), forward, Optional.empty(), known)
                .toCompletableFuture()
                .join();
    }

    @Test
    void anEndpointOfRequestsIsMadeOnce() {
        Destinations both = resolve(Optional.empty(), to("db.test", 1));
        Endpoint plain = both.stages().get(0).get(0);
        assertThat(both.forRequests(plain)).isSameAs(both.forRequests(plain)).isEqualTo(plain.forRequests());
        assertThat(plain.forRequests().via()).containsExactly(Carrier.REQUESTS, Carrier.TCP);
    }

    @Test
    void onlyWrittenLiteralsAreTrusted() {
        assertThat(resolve(Optional.empty(), to("127.0.0.1:1", 1))
                        .stages()
                        .get(0)
                        .get(0)
                        .trusted())
                .isTrue();
        assertThat(resolve(Optional.empty(), to("db.test:1", 1))
                        .stages()
                        .get(0)
                        .get(0)
                        .trusted())
                .isFalse();
        Route.Destination own = new Route.Destination(Optional.empty(), 1, List.of(), Optional.empty());
        assertThat(resolve(Optional.empty(), own).stages().get(0).get(0).trusted())
                .isFalse();
    }

    @Test
    void theRoutesVersionOfHttpWins() {
        Route.Destination plain = new Route.Destination(Optional.empty(), 1, List.of(), Optional.empty());
        for (HttpVersion http : HttpVersion.values()) {
            Endpoint endpoint = resolve(Optional.empty(), plain.withHttp(http))
                    .stages()
                    .get(0)
                    .get(0);
            assertThat(endpoint.http()).isEqualTo(http);
        }
    }

    @Test
    void throughAProxyTheProxysAddressIsDialledForTheTarget() {
        Carrier socks = Carrier.of("socks5");
        Route.Destination proxied = new Route.Destination(
                Optional.empty(), 1, List.of(socks, Carrier.TCP), Optional.of(HostPort.parse("203.0.113.50:1080")));
        Endpoint endpoint = resolve(Optional.empty(), proxied).stages().get(0).get(0);
        assertThat(endpoint.host()).isEqualTo(new HostPort("db.test", 5432));
        assertThat(endpoint.addresses()).hasToString("[/203.0.113.50:1080]");
        assertThat(endpoint.via()).containsExactly(socks, Carrier.TCP);
    }

    @Test
    void throughATunnelTheFarEndIsAskedForTheTarget() {
        Carrier hbone = Carrier.of("hbone");
        Route.Destination tunnelled = new Route.Destination(
                Optional.of("203.0.113.50:15008"), 1, List.of(hbone, Carrier.TCP), Optional.empty());
        Endpoint endpoint = resolve(Optional.empty(), tunnelled).stages().get(0).get(0);
        assertThat(endpoint.host()).isEqualTo(new HostPort("db.test", 5432));
        assertThat(endpoint.addresses()).hasToString("[/203.0.113.50:15008]");
        assertThat(endpoint.key()).as("told from its neighbours").isEqualTo(endpoint.addresses());
    }

    @Test
    void aUnixSocketNeedsNoSource() {
        Endpoint endpoint = resolve(Optional.empty(), to("unix:/run/db.sock", 4))
                .stages()
                .get(0)
                .get(0);
        assertThat(endpoint.addresses()).containsExactly(UnixDomainSocketAddress.of("/run/db.sock"));
        assertThat(endpoint.weight()).isEqualTo(4);
    }
}
