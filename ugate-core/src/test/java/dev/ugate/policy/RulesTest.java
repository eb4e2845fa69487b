package dev.ugate.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Cidr;
import dev.ugate.model.Decision;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Policy;
import dev.ugate.model.Shape;
import dev.ugate.model.http.HttpMatch;
import dev.ugate.model.http.PathMatch;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RulesTest {
    private static final Rule ANY = rule("any", "", "");
    private static final Peer REMOTE = peer("192.0.2.7");
    private static final Peer LOCAL = peer("127.0.0.1");

    @Test
    void deniesByDefault() {
        Rules rules = new Rules(List.of(), List.of(), false);

        assertThat(rules.judge(intent(REMOTE, "a.example"))).isEqualTo(Decision.deny(Rules.DEFAULT));
        assertThat(rules.judge(intent(REMOTE, "a.example"), to("198.51.100.1"), false))
                .isEqualTo(Decision.deny(Rules.DEFAULT));
    }

    @Test
    void denyComesBeforeAllow() {
        Rules rules = new Rules(List.of(rule("no", "a.example", "")), List.of(ANY), true);

        assertThat(rules.judge(intent(REMOTE, "a.example"))).isEqualTo(Decision.deny("no"));
        assertThat(rules.judge(intent(REMOTE, "b.example"))).isEqualTo(Decision.allow("any"));
    }

    @Test
    void addressRulesOnlyCouldDecideBeforeAnAddressIsKnown() {
        Rules rules =
                new Rules(List.of(rule("no-lab", "", "10.9.0.0/16")), List.of(rule("lan", "", "10.0.0.0/8")), false);
        Intent intent = intent(REMOTE, "db.internal");

        assertThat(rules.judge(intent)).isEqualTo(Decision.allow("lan"));
        assertThat(rules.judge(intent, to("10.1.0.1"), false)).isEqualTo(Decision.allow("lan"));
        assertThat(rules.judge(intent, to("10.9.0.1"), false)).isEqualTo(Decision.deny("no-lab"));
        assertThat(rules.judge(intent, to("11.0.0.1"), false)).isEqualTo(Decision.deny(Rules.DEFAULT));
    }

    @Test
    void theDialledAddressIsJudgedNotTheAskedName() {
        Rules rules = new Rules(List.of(), List.of(rule("docs", "", "198.51.100.0/24")), false);

        assertThat(rules.judge(intent(REMOTE, "198.51.100.1"), to("203.0.113.1"), false)
                        .allowed())
                .isFalse();
    }

    @Test
    void identityPortAndProtocolMustFit() {
        Rule rule = new Rule(
                "db",
                List.of(Peer.Pattern.parse("user:ann")),
                List.of(),
                List.of(),
                List.of(5432),
                List.of("socks5"),
                false);
        Rules rules = new Rules(List.of(), List.of(rule), false);
        Peer ann = REMOTE.withIdentity(new Identity("user:ann", Identity.Proof.PASSWORD));

        assertThat(rules.judge(Intent.bytes("socks5", ann, HostPort.parse("db:5432")))
                        .allowed())
                .isTrue();
        assertThat(rules.judge(Intent.bytes("socks5", REMOTE, HostPort.parse("db:5432")))
                        .allowed())
                .isFalse();
        assertThat(rules.judge(Intent.bytes("socks5", ann, HostPort.parse("db:22")))
                        .allowed())
                .isFalse();
        assertThat(rules.judge(Intent.bytes("connect", ann, HostPort.parse("db:5432")))
                        .allowed())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.0.3",
                "::1",
                "169.254.169.254",
                "fe80::1",
                "0.0.0.0",
                "0.1.2.3",
                "::",
                "224.0.0.1",
                "ff02::1",
                "255.255.255.255",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "::127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe"
            })
    void specialAddressesAreDeniedToPeersThatAreNotLocal(String address) {
        Rules rules =
                new Rules(List.of(), List.of(ANY, rule("world", "", "0.0.0.0/0"), rule("world6", "", "::/0")), true);

        assertThat(rules.judge(intent(REMOTE, "innocent.example"), to(address), false))
                .isEqualTo(Decision.deny(Rules.SPECIAL));
        assertThat(rules.judge(intent(LOCAL, "innocent.example"), to(address), false)
                        .allowed())
                .isTrue();
        assertThat(rules.judge(intent(REMOTE, "innocent.example"), to(address), true)
                        .allowed())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.1", "192.168.1.1", "fd00::1", "2001:db8::1", "172.16.0.1", "100.64.0.1", "64:ff9b::a00:1"
            })
    void privateNetworksAreOrdinary(String address) {
        Rules rules = new Rules(List.of(), List.of(ANY), false);

        assertThat(rules.judge(intent(REMOTE, "a.example"), to(address), false)).isEqualTo(Decision.allow("any"));
    }

    @Test
    void aBlockOrTheLiteralItselfOpensASpecialAddress() {
        Rules byBlock = new Rules(List.of(), List.of(ANY, rule("metadata", "", "169.254.169.254/32")), false);
        Rules byLiteral = new Rules(List.of(), List.of(rule("self", "127.0.0.1", "")), false);
        Rules byName = new Rules(List.of(), List.of(rule("named", "localtest.example", "")), false);

        assertThat(byBlock.judge(intent(REMOTE, "md"), to("169.254.169.254"), false))
                .isEqualTo(Decision.allow("metadata"));
        assertThat(byBlock.judge(intent(REMOTE, "md"), to("169.254.1.1"), false))
                .isEqualTo(Decision.deny(Rules.SPECIAL));
        assertThat(byLiteral.judge(intent(REMOTE, "127.0.0.1"), to("127.0.0.1"), false))
                .isEqualTo(Decision.allow("self"));
        assertThat(byLiteral
                        .judge(intent(REMOTE, "127.0.0.1"), to("127.0.0.2"), false)
                        .allowed())
                .isFalse();
        assertThat(byName.judge(intent(REMOTE, "localtest.example"), to("127.0.0.1"), false)
                        .allowed())
                .isFalse();
    }

    @Test
    void aDenyRuleIsNamedBeforeTheSpecialAddress() {
        Rules rules = new Rules(List.of(rule("no-metadata", "", "169.254.0.0/16")), List.of(ANY), true);

        assertThat(rules.judge(intent(LOCAL, "md"), to("169.254.169.254"), true))
                .isEqualTo(Decision.deny("no-metadata"));
    }

    @Test
    void unixSocketsNeedTheOperatorsHand() {
        Rules rules = new Rules(List.of(), List.of(ANY), true);
        SocketAddress socket = UnixDomainSocketAddress.of("/run/x.sock");

        assertThat(rules.judge(intent(LOCAL, "a"), socket, false)).isEqualTo(Decision.deny(Rules.SPECIAL));
        assertThat(rules.judge(intent(REMOTE, "a"), socket, true)).isEqualTo(Decision.allow("any"));
        assertThat(new Rules(List.of(), List.of(rule("lan", "", "10.0.0.0/8")), false)
                        .judge(intent(LOCAL, "a"), socket, true)
                        .allowed())
                .isFalse();
    }

    @Test
    void anAddressThatWasNeverResolvedIsDenied() {
        SocketAddress unresolved = InetSocketAddress.createUnresolved("a.example", 1);

        assertThat(Rules.OPEN
                        .judge(intent(REMOTE, "a.example"), unresolved, false)
                        .allowed())
                .isFalse();
    }

    @Test
    void dryRulesDecideNothingButAreReported() {
        Rule dryDeny =
                new Rule("try", List.of(), List.of(new Glob("a.example")), List.of(), List.of(), List.of(), true);
        Rules rules = new Rules(List.of(dryDeny), List.of(ANY), false);
        List<Decision> reported = new ArrayList<>();
        Policy watched = Watched.of(rules, (intent, decision) -> reported.add(decision));

        assertThat(watched.judge(intent(REMOTE, "a.example"))).isEqualTo(Decision.allow("any"));
        assertThat(reported).isEmpty();
        assertThat(watched.judge(intent(REMOTE, "a.example"), to("198.51.100.1"), false))
                .isEqualTo(Decision.allow("any"));
        assertThat(watched.judge(intent(REMOTE, "b.example"), to("198.51.100.1"), false))
                .isEqualTo(Decision.allow("any"));
        assertThat(reported).containsExactly(Decision.deny("try"));
    }

    @Test
    void aDryAllowIsReportedWhereTheStreamEnds() {
        Rule dryAllow = new Rule("try", List.of(), List.of(), List.of(), List.of(), List.of(), true);
        Rules rules = new Rules(List.of(), List.of(dryAllow), false);
        List<Decision> reported = new ArrayList<>();

        assertThat(Watched.of(rules, (intent, decision) -> reported.add(decision))
                        .judge(intent(REMOTE, "a")))
                .isEqualTo(Decision.deny(Rules.DEFAULT));
        assertThat(reported).containsExactly(Decision.allow("try"));
    }

    @Test
    void rulesWithoutDryOnesAreNotWatched() {
        assertThat(Watched.of(Rules.OPEN, (intent, decision) -> {})).isSameAs(Rules.OPEN);
    }

    /** What phase one refuses, no address may allow: otherwise something legal was cut off before it was looked up. */
    @Test
    void phaseOneNeverDeniesWhatAnAddressCouldAllow() {
        Random random = new Random(17);
        for (int i = 0; i < 20_000; i++) {
            Rules rules = new Rules(some(random, "d"), some(random, "a"), random.nextInt(4) == 0);
            Intent intent =
                    intent(random.nextBoolean() ? REMOTE : LOCAL, pick(random, "a.example", "b.example", "127.0.0.1"));
            SocketAddress address =
                    to(pick(random, "127.0.0.1", "10.0.0.1", "10.9.0.1", "198.51.100.1", "169.254.169.254"));
            boolean trusted = random.nextBoolean();
            Decision before = rules.judge(intent);
            Decision after = rules.judge(intent, address, trusted);

            assertThat(!before.allowed() && after.allowed())
                    .as("%s %s %s", rules, intent, address)
                    .isFalse();
            assertThat(rules.judge(intent, address, trusted)).isEqualTo(after);
            rules.trial(intent, address, trusted)
                    .ifPresent(trial -> assertThat(trial.allowed()).isNotEqualTo(after.allowed()));
        }
    }

    private static List<Rule> some(Random random, String prefix) {
        List<Rule> rules = new ArrayList<>();
        for (int n = random.nextInt(3); n > 0; n--) {
            Rule rule = rule(
                    prefix + n,
                    pick(random, "", "a.example", "*.example", "127.0.0.1"),
                    pick(random, "", "", "10.0.0.0/8", "127.0.0.0/8", "0.0.0.0/0"));
            rules.add(new Rule(
                    rule.name(),
                    rule.when().from(),
                    rule.when().to(),
                    rule.when().cidrs(),
                    rule.when().ports(),
                    List.of(),
                    random.nextInt(4) == 0));
        }
        return rules;
    }

    private static String pick(Random random, String... words) {
        return words[random.nextInt(words.length)];
    }

    private static Rule rule(String name, String to, String cidr) {
        return new Rule(
                name,
                List.of(),
                to.isEmpty() ? List.of() : List.of(new Glob(to)),
                cidr.isEmpty() ? List.of() : List.of(Cidr.parse(cidr)),
                List.of(),
                List.of(),
                false);
    }

    private static Intent intent(Peer peer, String host) {
        return Intent.bytes("socks5", peer, new HostPort(host, 443));
    }

    private static SocketAddress to(String address) {
        return new InetSocketAddress(Ip.parse(address).orElseThrow(), 443);
    }

    private static Peer peer(String address) {
        return Peer.of(new InetSocketAddress(Ip.parse(address).orElseThrow(), 4711), to("192.0.2.254"));
    }

    private static Rule admin() {
        HttpMatch http = new HttpMatch(List.of("GET"), List.of(new PathMatch.Prefix("/admin")), List.of(), List.of());
        return new Rule("admin", List.of(), List.of(), List.of(), List.of(), List.of(), http, false);
    }

    private static Intent request(String method, String path) {
        return new Intent(
                "http", REMOTE, HostPort.parse("a:80"), Shape.MESSAGES, Map.of("method", method, "path", path));
    }

    @Test
    void aDenyRuleAboutRequestsAlsoDeniesWhatMayHideThem() {
        Rules rules = new Rules(List.of(admin()), List.of(), true);

        assertThat(rules.judge(request("GET", "/admin/x")).allowed()).isFalse();
        assertThat(rules.judge(request("GET", "/admin;a=b")).allowed()).isFalse();
        assertThat(rules.judge(request("GET", "//admin")).allowed()).isFalse();
        assertThat(rules.judge(request("POST", "/admin")).allowed()).isTrue();
        assertThat(rules.judge(request("GET", "/public")).allowed()).isTrue();
        assertThat(rules.judge(intent(REMOTE, "a")).allowed()).isFalse();
        assertThat(rules.judge(request("GET", "/admin"), to("203.0.113.1"), false)
                        .allowed())
                .isFalse();
    }

    @Test
    void anAllowRuleAboutRequestsAllowsNothingElse() {
        Rules rules = new Rules(List.of(), List.of(admin()), false);

        assertThat(rules.judge(request("GET", "/admin/x"))).isEqualTo(Decision.allow("admin"));
        assertThat(rules.judge(request("GET", "/admin;a=b")).allowed()).isFalse();
        assertThat(rules.judge(request("GET", "/public")).allowed()).isFalse();
        assertThat(rules.judge(intent(REMOTE, "a")).allowed()).isFalse();
    }
}
