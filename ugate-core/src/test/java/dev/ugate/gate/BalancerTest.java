package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ugate.model.Balance;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BalancerTest {
    private static final Endpoint A = Ways.weighing(1, "203.0.113.1");
    private static final Endpoint B = Ways.weighing(1, "203.0.113.2");
    private static final Endpoint C = Ways.weighing(1, "203.0.113.3");
    private static final List<Endpoint> THREE = List.of(A, B, C);

    private static final Peer SOMEBODY = peer("198.51.100.7");

    private long now = 1;
    private final Ejections ejections = new Ejections(() -> now);
    private final Balancer balancer = new Balancer(ejections, () -> now);

    private static Peer peer(String address) {
        return Peer.of(new InetSocketAddress(address, 40_000), new InetSocketAddress("192.0.2.1", 80));
    }

    private Endpoint first(List<Endpoint> stage, Balance balance) {
        return balancer.order(stage, balance, SOMEBODY).get(0);
    }

    private Map<Endpoint, Integer> shares(List<Endpoint> stage, Balance balance, int rounds) {
        Map<Endpoint, Integer> count = new HashMap<>();
        for (int i = 0; i < rounds; i++) {
            count.merge(first(stage, balance), 1, Integer::sum);
        }
        return count;
    }

    private void eject(Endpoint endpoint) {
        for (int i = 0; i < 5; i++) {
            ejections.failed(endpoint.host());
        }
    }

    @Test
    void aSourceKeepsItsEndpointWhateverBecomesOfOthers() {
        Map<Endpoint, Integer> shares = new HashMap<>();
        int moved = 0;
        for (int i = 0; i < 4_000; i++) {
            Peer peer = peer("10.0." + i / 200 + "." + (i % 200 + 1));
            Endpoint chosen = balancer.order(THREE, Balance.SOURCE_HASH, peer).get(0);
            assertThat(balancer.order(List.of(C, A, B), Balance.SOURCE_HASH, peer)
                            .get(0))
                    .isEqualTo(chosen);
            shares.merge(chosen, 1, Integer::sum);
            Endpoint without =
                    balancer.order(List.of(A, B), Balance.SOURCE_HASH, peer).get(0);
            if (!without.equals(chosen)) {
                assertThat(chosen).isEqualTo(C);
                moved++;
            }
        }
        assertThat(shares.values()).allSatisfy(share -> assertThat(share).isCloseTo(1_333, within(150)));
        assertThat(moved).isEqualTo(shares.get(C));
    }

    @Test
    void weightsAreSharesOfSources() {
        List<Endpoint> stage = List.of(Ways.weighing(3, "203.0.113.1"), Ways.weighing(1, "203.0.113.2"));
        long heavy = IntStream.range(0, 4_000)
                .mapToObj(i -> peer("10.1." + i / 200 + "." + (i % 200 + 1)))
                .filter(peer ->
                        balancer.order(stage, Balance.SOURCE_HASH, peer).get(0).equals(stage.get(0)))
                .count();
        assertThat(heavy).isCloseTo(3_000, within(150L));
    }

    @Test
    void anIdentityIsTheSameSourceFromEverywhere() {
        Identity me = new Identity("user:me", Identity.Proof.PASSWORD);
        assertThat(IntStream.range(1, 200)
                        .mapToObj(i -> peer("10.2.0." + i).withIdentity(me))
                        .map(peer ->
                                balancer.order(THREE, Balance.SOURCE_HASH, peer).get(0))
                        .distinct())
                .hasSize(1);
        assertThat(first(THREE, Balance.SOURCE_HASH)).isEqualTo(first(THREE, Balance.SOURCE_HASH));
    }

    @Test
    void anEjectedEndpointGivesItsSourcesToTheNext() {
        Endpoint mine = first(THREE, Balance.SOURCE_HASH);
        eject(mine);
        assertThat(balancer.order(THREE, Balance.SOURCE_HASH, SOMEBODY)).last().isEqualTo(mine);
    }

    /** D2: weights hold within 5 % over 10,000. */
    @Test
    void roundRobinKeepsTheWeights() {
        List<Endpoint> stage = List.of(
                Ways.weighing(5, "203.0.113.1"), Ways.weighing(3, "203.0.113.2"), Ways.weighing(2, "203.0.113.3"));
        Map<Endpoint, Integer> shares = shares(stage, Balance.ROUND_ROBIN, 10_000);
        assertThat(shares.get(stage.get(0))).isCloseTo(5_000, within(10));
        assertThat(shares.get(stage.get(1))).isCloseTo(3_000, within(10));
        assertThat(shares.get(stage.get(2))).isCloseTo(2_000, within(10));
    }

    @Test
    void roundRobinIsSmooth() {
        List<Endpoint> stage = List.of(
                Ways.weighing(5, "203.0.113.1"), Ways.weighing(1, "203.0.113.2"), Ways.weighing(1, "203.0.113.3"));
        List<Integer> order = IntStream.range(0, 7)
                .mapToObj(i -> stage.indexOf(first(stage, Balance.ROUND_ROBIN)))
                .toList();
        assertThat(order).containsExactly(0, 0, 1, 0, 2, 0, 0);
    }

    @Test
    void theOthersShareByWeightWhileOneRests() {
        eject(A);
        Map<Endpoint, Integer> shares = shares(THREE, Balance.ROUND_ROBIN, 1_000);
        assertThat(shares).doesNotContainKey(A);
        assertThat(shares.get(B)).isEqualTo(500);
        assertThat(balancer.order(THREE, Balance.ROUND_ROBIN, SOMEBODY)).last().isEqualTo(A);
    }

    @Test
    void twoStagesThatShareAnEndpointKeepTheirShares() {
        Map<Endpoint, Integer> one = new HashMap<>();
        Map<Endpoint, Integer> other = new HashMap<>();
        for (int i = 0; i < 3_000; i++) {
            one.merge(first(List.of(A, B), Balance.ROUND_ROBIN), 1, Integer::sum);
            other.merge(first(List.of(A, C), Balance.ROUND_ROBIN), 1, Integer::sum);
        }
        assertThat(one.get(B)).isCloseTo(1_500, within(75));
        assertThat(other.get(C)).isCloseTo(1_500, within(75));
    }

    @ParameterizedTest
    @EnumSource(Balance.class)
    void weightZeroGetsNothingWhileOthersLive(Balance balance) {
        Endpoint idle = Ways.weighing(0, "203.0.113.9");
        assertThat(shares(List.of(idle, A, B), balance, 300)).doesNotContainKey(idle);
        eject(A);
        eject(B);
        List<Endpoint> order = balancer.order(List.of(idle, A, B), balance, SOMEBODY);
        assertThat(order).hasSize(3).last().isEqualTo(idle);
        assertThat(balancer.order(List.of(idle, Ways.weighing(0, "203.0.113.8")), balance, SOMEBODY))
                .hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SOURCE_HASH")
    void everyEndpointIsTriedOnceAndEqualOnesTakeTurns(Balance balance) {
        for (int i = 0; i < 30; i++) {
            assertThat(balancer.order(THREE, balance, SOMEBODY)).containsExactlyInAnyOrderElementsOf(THREE);
        }
        assertThat(shares(THREE, balance, 300)).containsValues(100);
    }

    @ParameterizedTest
    @EnumSource(Balance.class)
    void anEmptyStageIsEmpty(Balance balance) {
        assertThat(balancer.order(List.of(), balance, SOMEBODY)).isEmpty();
        assertThat(balancer.order(List.of(A), balance, SOMEBODY)).containsExactly(A);
    }

    @Test
    void leastConnectionsCountsLiveAndPendingByWeight() {
        balancer.load(A).dialling(now);
        assertThat(first(THREE, Balance.LEAST_CONNECTIONS)).isNotEqualTo(A);
        balancer.load(A).dialled(1, now);
        balancer.load(A).opened();
        balancer.load(B).opened();
        balancer.load(B).opened();
        balancer.load(C).opened();
        balancer.load(C).opened();
        assertThat(first(THREE, Balance.LEAST_CONNECTIONS)).isEqualTo(A);
        balancer.load(C).closed();
        balancer.load(C).closed();
        assertThat(first(THREE, Balance.LEAST_CONNECTIONS)).isEqualTo(C);
        Endpoint heavy = Ways.weighing(10, "203.0.113.2");
        assertThat(first(List.of(A, heavy, C), Balance.LEAST_CONNECTIONS)).isIn(heavy, C);
    }

    @Test
    void aBurstOfDialsIsSpreadBeforeAnyAnswer() {
        Map<Endpoint, Integer> burst = new HashMap<>();
        for (Balance balance : List.of(Balance.LEAST_CONNECTIONS, Balance.PEAK_EWMA)) {
            burst.clear();
            for (int i = 0; i < 300; i++) {
                Endpoint chosen = first(THREE, balance);
                balancer.load(chosen).dialling(now);
                burst.merge(chosen, 1, Integer::sum);
            }
            assertThat(burst.values()).allMatch(share -> share >= 95);
        }
    }

    /** One dial after the other, or several at once, against replicas whose answers take a while; no real time passes. */
    private Map<Endpoint, Integer> traffic(Map<Endpoint, Duration> delays, int inFlight, Duration time) {
        PriorityQueue<Object[]> running = new PriorityQueue<>(Comparator.comparingLong(one -> (long) one[0]));
        Map<Endpoint, Integer> shares = new HashMap<>();
        long end = now + time.toNanos();
        while (now < end) {
            while (running.size() < inFlight) {
                Endpoint chosen = first(new ArrayList<>(delays.keySet()), Balance.PEAK_EWMA);
                shares.merge(chosen, 1, Integer::sum);
                balancer.load(chosen).dialling(now);
                running.add(new Object[] {now + delays.get(chosen).toNanos(), chosen, now});
            }
            Object[] done = running.poll();
            now = (long) done[0];
            balancer.load((Endpoint) done[1]).dialled(now - (long) done[2], now);
        }
        running.forEach(one -> balancer.load((Endpoint) one[1]).failed());
        return shares;
    }

    private static Map<Endpoint, Duration> delays(int a, int b, int c) {
        return Map.of(A, Duration.ofMillis(a), B, Duration.ofMillis(b), C, Duration.ofMillis(c));
    }

    private static double share(Map<Endpoint, Integer> shares, Endpoint endpoint) {
        return shares.getOrDefault(endpoint, 0)
                / (double) shares.values().stream().mapToInt(i -> i).sum();
    }

    /** D2: of three replicas 5, 20 and 80 ms away the best gets at least 90 %, and it shifts within 5 s. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8, 32})
    void peakEwmaPrefersTheNearestAndShiftsWhenItSlowsDown(int inFlight) {
        assertThat(share(traffic(delays(5, 20, 80), inFlight, Duration.ofSeconds(30)), A))
                .isGreaterThanOrEqualTo(0.9);
        traffic(delays(300, 20, 80), inFlight, Duration.ofSeconds(5));
        assertThat(share(traffic(delays(300, 20, 80), inFlight, Duration.ofSeconds(10)), B))
                .isGreaterThanOrEqualTo(0.9);
    }

    /** A replica that stopped answering has no latency to learn from; silence is what tells. */
    @Test
    void peakEwmaLeavesAReplicaThatFellSilent() {
        traffic(delays(5, 20, 80), 4, Duration.ofSeconds(10));
        Map<Endpoint, Integer> shares = traffic(delays(10_000, 20, 80), 32, Duration.ofSeconds(9));
        assertThat(share(shares, A)).isLessThan(0.1);
    }

    @Test
    void peakEwmaAsksAFarReplicaAgain() {
        traffic(delays(5, 20, 80), 1, Duration.ofSeconds(10));
        Map<Endpoint, Integer> later = traffic(delays(5, 20, 80), 1, Duration.ofSeconds(60));
        assertThat(later.get(B)).isPositive();
        assertThat(later.get(C)).isPositive();
    }

    /** The clock runs while a list is sorted; costs that change meanwhile must not break the order. */
    @Test
    void sortsLongListsWhileTimePasses() {
        long[] clock = {0};
        Balancer running = new Balancer(ejections, () -> clock[0] += 1_000_000_000L);
        List<Endpoint> many = IntStream.range(0, 5_000)
                .mapToObj(i -> Ways.weighing(1 + i % 7, "10.0." + i / 250 + "." + i % 250))
                .toList();
        for (Endpoint endpoint : many) {
            running.load(endpoint).dialling(clock[0]);
            running.load(endpoint).dialled(endpoint.hashCode() & 0xFFFFFF, clock[0]);
        }
        for (Balance balance : Balance.values()) {
            for (int i = 0; i < 20; i++) {
                assertThat(new HashSet<>(running.order(many, balance, SOMEBODY)))
                        .hasSize(5_000);
            }
        }
    }

    /** They share the host of the stream that asked for them. */
    @Test
    void unixSocketsOfOneServiceAreToldApart() {
        List<Endpoint> sockets = List.of("/run/a.sock", "/run/b.sock").stream()
                .map(path -> Endpoint.tcp(new HostPort("svc.test", 80), List.of(UnixDomainSocketAddress.of(path))))
                .toList();
        assertThat(sockets).extracting(Endpoint::key).doesNotHaveDuplicates();
        Ejections ejections = new Ejections(() -> 0);
        ejections.checked(sockets.get(0).key(), false, Duration.ofSeconds(15));
        Balancer own = new Balancer(ejections, () -> 0);
        for (int i = 0; i < 4; i++) {
            assertThat(own.order(sockets, Balance.ROUND_ROBIN, SOMEBODY).get(0)).isEqualTo(sockets.get(1));
        }
    }

    @Test
    void anotherTryIsForAnotherEndpointThatIsAsGood() {
        assertThat(balancer.another(THREE, A)).containsExactly(B, A, C);
        assertThat(balancer.another(THREE, B)).containsExactly(A, B, C);
        assertThat(balancer.another(List.of(A), A)).containsExactly(A);
        assertThat(balancer.another(List.of(A, Ways.weighing(0, "203.0.113.4")), A))
                .startsWith(A);
        eject(B);
        assertThat(balancer.another(List.of(A, B), A)).containsExactly(A, B);
    }

    @Test
    void aSessionIsWhereItBeganUnlessThatIsEjectedOrGone() {
        String place = balancer.session(B);
        assertThat(place).isNotEqualTo(balancer.session(C));
        assertThat(balancer.holding(place, List.of(THREE))).contains(B);
        assertThat(balancer.holding(place, List.of(List.of(A), List.of(C, B)))).contains(B);
        assertThat(balancer.holding(place, List.of(List.of(A, C)))).isEmpty();
        eject(B);
        assertThat(balancer.holding(place, List.of(THREE))).isEmpty();
    }
}
