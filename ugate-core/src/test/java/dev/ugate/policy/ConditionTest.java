package dev.ugate.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.http.HttpMatch;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Istio's semantics of matching fields (wds.md §5). */
final class ConditionTest {
    private static final InetSocketAddress HERE = new InetSocketAddress("10.244.0.1", 15008);
    private static final Peer UNKNOWN = Peer.of(new InetSocketAddress("10.244.7.7", 4000), HERE);
    private static final Peer WEB = named("spiffe://cluster.local/ns/web/sa/front");

    private static Peer named(String name) {
        return UNKNOWN.withIdentity(new Identity(name, Identity.Proof.CERTIFICATE));
    }

    private static Intent intent(Peer peer, String target) {
        return Intent.bytes("hbone", peer, HostPort.parse(target));
    }

    private static Condition from(String... patterns) {
        List<Peer.Pattern> from = Stream.of(patterns).map(Peer.Pattern::parse).toList();
        return with(c -> new Condition(
                from, c.sources(), c.namespaces(), c.serviceAccounts(), c.to(), c.cidrs(), c.ports(), c.protocols()));
    }

    private static Condition to(List<String> hosts, List<Integer> ports, List<String> protocols) {
        return with(c -> new Condition(
                c.from(),
                c.sources(),
                c.namespaces(),
                c.serviceAccounts(),
                hosts.stream().map(Glob::new).toList(),
                c.cidrs(),
                ports,
                protocols));
    }

    private static Condition blocks(List<String> sources, List<String> dialled) {
        return with(c -> new Condition(
                c.from(),
                sources.stream().map(Cidr::parse).toList(),
                c.namespaces(),
                c.serviceAccounts(),
                c.to(),
                dialled.stream().map(Cidr::parse).toList(),
                c.ports(),
                c.protocols()));
    }

    private static Condition workloads(List<String> namespaces, List<String> accounts) {
        return with(c -> new Condition(
                c.from(),
                c.sources(),
                namespaces.stream().map(Workload::namespace).toList(),
                accounts.stream().map(Workload::account).toList(),
                c.to(),
                c.cidrs(),
                c.ports(),
                c.protocols()));
    }

    private static Condition with(UnaryOperator<Condition> change) {
        return change.apply(Condition.NONE);
    }

    private static Rules allow(Condition when, Condition unless) {
        return new Rules(List.of(), List.of(new Rule("it", when, unless, HttpMatch.ANY, false)), false);
    }

    private static boolean allows(Condition when, Condition unless, Intent intent) {
        return allow(when, unless).judge(intent).allowed();
    }

    @Test
    void aConditionThatSaysNothingFitsEverything() {
        assertThat(allows(Condition.NONE, Condition.NONE, intent(UNKNOWN, "db.m:1")))
                .isTrue();
    }

    @Test
    void valuesOfOneKeyAreAlternativesAndKeysAddUp() {
        Condition when = to(List.of("db.m", "cache.m"), List.of(5432, 6379), List.of("hbone"));
        assertThat(allows(when, Condition.NONE, intent(UNKNOWN, "db.m:6379"))).isTrue();
        assertThat(allows(when, Condition.NONE, intent(UNKNOWN, "cache.m:5432")))
                .isTrue();
        assertThat(allows(when, Condition.NONE, intent(UNKNOWN, "db.m:22"))).isFalse();
        assertThat(allows(when, Condition.NONE, intent(UNKNOWN, "web.m:5432"))).isFalse();
        assertThat(allows(when, Condition.NONE, Intent.bytes("socks5", UNKNOWN, HostPort.parse("db.m:5432"))))
                .isFalse();
    }

    /** not_x: none of the values matches; each key by itself. */
    @Test
    void oneFittingExceptionIsEnough() {
        Condition unless = to(List.of("secret.m"), List.of(22, 23), List.of("socks4"));
        assertThat(allows(Condition.NONE, unless, intent(UNKNOWN, "db.m:80"))).isTrue();
        assertThat(allows(Condition.NONE, unless, intent(UNKNOWN, "db.m:23"))).isFalse();
        assertThat(allows(Condition.NONE, unless, intent(UNKNOWN, "secret.m:80")))
                .isFalse();
        assertThat(allows(Condition.NONE, unless, Intent.bytes("socks4", UNKNOWN, HostPort.parse("db.m:80"))))
                .isFalse();
    }

    /** What istiod makes of STRICT PeerAuthentication: DENY with not_principals: presence. */
    @Test
    void whoeverProvedNothingCanBeDenied() {
        Rule strict = new Rule("mtls", Condition.NONE, from("identified"), HttpMatch.ANY, false);
        Rules rules = new Rules(List.of(strict), List.of(), true);
        assertThat(rules.judge(intent(UNKNOWN, "db.m:1")).rule()).isEqualTo("mtls");
        assertThat(rules.judge(intent(WEB, "db.m:1")).allowed()).isTrue();
        assertThat(allows(from("identified"), Condition.NONE, intent(UNKNOWN, "db.m:1")))
                .isFalse();
        assertThat(allows(from("identified"), Condition.NONE, intent(named("user:ada"), "db.m:1")))
                .isTrue();
    }

    @Test
    void theSourceIsJudgedBesideTheIdentity() {
        Condition both = with(c -> new Condition(
                from("spiffe://cluster.local/ns/web/**").from(),
                blocks(List.of("10.244.7.0/24"), List.of()).sources(),
                c.namespaces(),
                c.serviceAccounts(),
                c.to(),
                c.cidrs(),
                c.ports(),
                c.protocols()));
        assertThat(allows(both, Condition.NONE, intent(WEB, "db.m:1"))).isTrue();
        assertThat(allows(both, Condition.NONE, intent(UNKNOWN, "db.m:1"))).isFalse();
        Peer elsewhere = WEB.withAddresses(new InetSocketAddress("10.245.0.1", 1), HERE);
        assertThat(allows(both, Condition.NONE, intent(elsewhere, "db.m:1"))).isFalse();
        assertThat(allows(Condition.NONE, blocks(List.of("10.244.7.0/24"), List.of()), intent(WEB, "db.m:1")))
                .isFalse();
    }

    @Test
    void exceptionsOfAddressesWaitForTheAddress() {
        Condition unless = blocks(List.of(), List.of("10.9.0.0/16"));
        Rules rules = allow(Condition.NONE, unless);
        Intent intent = intent(WEB, "db.m:1");
        assertThat(rules.judge(intent).allowed()).isTrue();
        assertThat(rules.judge(intent, new InetSocketAddress("10.8.0.1", 1), false)
                        .allowed())
                .isTrue();
        assertThat(rules.judge(intent, new InetSocketAddress("10.9.0.1", 1), false)
                        .allowed())
                .isFalse();
        Rules denied =
                new Rules(List.of(new Rule("only-lab", Condition.NONE, unless, HttpMatch.ANY, false)), List.of(), true);
        assertThat(denied.judge(intent).allowed())
                .as("the address may be one of the exception")
                .isTrue();
        assertThat(denied.judge(intent, new InetSocketAddress("10.9.0.1", 1), false)
                        .allowed())
                .isTrue();
        assertThat(denied.judge(intent, new InetSocketAddress("10.8.0.1", 1), false)
                        .rule())
                .isEqualTo("only-lab");
    }

    @ParameterizedTest
    @CsvSource({
        "spiffe://cluster.local/ns/web/sa/front, true",
        "spiffe://other.domain/ns/web/sa/front, true", // from says the domain, namespace does not
        "spiffe://cluster.local/ns/web2/sa/front, false",
        "spiffe://cluster.local/ns/we/sa/front, false",
        "spiffe://cluster.local/ns/WEB/sa/front, false",
        "spiffe://cluster.local/ns/web/sa/front/more, false",
        "spiffe://cluster.local/ns/web//sa/front, false",
        "spiffe://cluster.local/ns/web/sa/, false",
        "spiffe://cluster.local/x/web/sa/front, false",
        "spiffe://cluster.local/ns/web/x/front, false",
        "user:web, false",
        "key:web, false"
    })
    void namespacesAreComparedWhole(String identity, boolean fits) {
        assertThat(allows(workloads(List.of("web"), List.of()), Condition.NONE, intent(named(identity), "db.m:1")))
                .isEqualTo(fits);
    }

    @Test
    void serviceAccountsAreOfOneNamespaceOrOfAny() {
        assertThat(allows(workloads(List.of(), List.of("front")), Condition.NONE, intent(WEB, "db.m:1")))
                .isTrue();
        assertThat(allows(workloads(List.of(), List.of("web/front")), Condition.NONE, intent(WEB, "db.m:1")))
                .isTrue();
        assertThat(allows(workloads(List.of(), List.of("test/front", "back")), Condition.NONE, intent(WEB, "db.m:1")))
                .isFalse();
        assertThat(allows(workloads(List.of("web"), List.of("back")), Condition.NONE, intent(WEB, "db.m:1")))
                .as("keys add up")
                .isFalse();
        assertThat(allows(
                        workloads(List.of("web"), List.of()),
                        workloads(List.of(), List.of("front")),
                        intent(WEB, "db.m:1")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "a*", "a/b/c", "/", "a/", "/b", "..", "a b", "ns/*"})
    void noPartsAndNoWildcards(String text) {
        assertThatThrownBy(() -> Workload.account(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Workload.namespace(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void workloadsAreShownAsTheyAreWritten() {
        assertThat(Workload.account("web/front")).hasToString("web/front");
        assertThat(Workload.account("front")).hasToString("front");
        assertThat(Workload.namespace("web")).hasToString("web");
    }
}
