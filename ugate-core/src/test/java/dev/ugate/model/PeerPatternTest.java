package dev.ugate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PeerPatternTest {
    private static final InetSocketAddress LOCAL = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    private static final String KEY = "key:" + "AB".repeat(26);

    @Test
    void starMatchesEveryone() {
        assertThat(matches("*", at("192.0.2.1"))).isTrue();
        assertThat(matches("*", Peer.of(UnixDomainSocketAddress.of("/x"), LOCAL)))
                .isTrue();
    }

    @Test
    void unixMatchesOnlyUnixSockets() {
        assertThat(matches("unix", Peer.of(UnixDomainSocketAddress.of("/x"), LOCAL)))
                .isTrue();
        assertThat(matches("unix", at("127.0.0.1"))).isFalse();
    }

    @Test
    void blocksMatchTheRemoteAddress() {
        assertThat(matches("10.0.0.0/8", at("10.9.9.9"))).isTrue();
        assertThat(matches("10.0.0.0/8", at("11.0.0.1"))).isFalse();
        assertThat(matches("::1", at("::1"))).isTrue();
        assertThat(matches("127.0.0.0/8", at("::ffff:127.0.0.1"))).isTrue();
        assertThat(matches("10.0.0.0/8", Peer.of(UnixDomainSocketAddress.of("/x"), LOCAL)))
                .isFalse();
        assertThat(matches("10.0.0.0/8", Peer.of(InetSocketAddress.createUnresolved("a", 1), LOCAL)))
                .isFalse();
    }

    @Test
    void exactNamesMatchExactly() {
        assertThat(matches("user:ann", as("user:ann"))).isTrue();
        assertThat(matches("user:ann", as("user:anna"))).isFalse();
        assertThat(matches("ssh:SHA256:abc+/", as("ssh:SHA256:abc+/"))).isTrue();
        assertThat(matches(KEY, as(KEY))).isTrue();
        assertThat(matches(KEY.replace("AB", "BA"), as(KEY))).isFalse();
        assertThat(matches("user:ann", at("10.0.0.1"))).isFalse();
    }

    @Test
    void nodeIdsAreTakenInEitherCaseAndWhole() {
        assertThat(matches("key:" + KEY.substring(4).toLowerCase(Locale.ROOT), as(KEY)))
                .isTrue();
        for (String bad : List.of("key:q5w", KEY + "A", KEY.substring(0, 55), KEY.substring(0, 55) + "1")) {
            assertThatIllegalArgumentException()
                    .as(bad)
                    .isThrownBy(() -> Peer.Pattern.parse(bad))
                    .withMessageContaining("expected a node id of 52 characters of Base32 after key:");
        }
    }

    @Test
    void spiffeIdsMatchSegmentBySegment() {
        assertThat(matches("spiffe://a.b/ns/prod/sa/*", as("spiffe://a.b/ns/prod/sa/db")))
                .isTrue();
        assertThat(matches("spiffe://a.b/ns/*/sa/db", as("spiffe://a.b/ns/x/y/sa/db")))
                .isFalse();
        assertThat(matches("spiffe://a.b/ns/prod/**", as("spiffe://a.b/ns/prod/sa/db")))
                .isTrue();
        assertThat(matches("spiffe://a.b/ns/prod/**", as("spiffe://a.b/ns/prod")))
                .isFalse();
        assertThat(matches("spiffe://a.b/ns/prod/**", as("spiffe://a.b/ns/prod/")))
                .isFalse();
        assertThat(matches("spiffe://a.b/ns/prod/**", as("spiffe://a.b/ns/prod2/sa/db")))
                .isFalse();
        assertThat(matches("spiffe://a.b/ns/prod", as("spiffe://a.b/ns/prod2"))).isFalse();
        assertThat(matches("spiffe://a.b/ns/prod", as("spiffe://aXb/ns/prod"))).isFalse();
        assertThat(matches("spiffe://a.b/**", as("spiffe://a.b.evil/ns/x"))).isFalse();
        assertThat(matches("spiffe://a.b/**", as("spiffe://a.b//x"))).isFalse();
        assertThat(matches("spiffe://a.b", as("spiffe://a.b/x"))).isFalse();
    }

    @Test
    void refusesPatternsThatMeanMoreThanTheyShow() {
        for (String bad : List.of(
                "",
                "web",
                "spiffe://",
                "spiffe://*/x",
                "spiffe://a/x*",
                "spiffe://a/**/x",
                "spiffe://a//x",
                "spiffe://a/../x",
                "spiffe://a/%2e",
                "spiffe://A/x",
                "user:",
                "user:*",
                "key:",
                "ssh:SHA256:",
                "10.0.0.1/8",
                "ssh:MD5:aa",
                "7",
                "usr:ann",
                "a.example")) {
            assertThatIllegalArgumentException().as(bad).isThrownBy(() -> Peer.Pattern.parse(bad));
        }
    }

    @Test
    void textOfAPatternReadsBackEqual() {
        for (String text :
                List.of("*", "unix", "10.0.0.0/8", "spiffe://a/ns/*/sa/**", "user:ann", KEY, "ssh:SHA256:x")) {
            Peer.Pattern pattern = Peer.Pattern.parse(text);
            assertThat(pattern).hasToString(text);
            assertThat(Peer.Pattern.parse(pattern.toString())).isEqualTo(pattern);
        }
    }

    @Test
    void spiffeMatchingAgreesWithAPlainSplit() {
        Random random = new Random(22);
        for (int i = 0; i < 20_000; i++) {
            String pattern = "spiffe://" + path(random, List.of("a", "ab", "b", "*"), random.nextInt(4) == 0);
            String id = "spiffe://" + path(random, List.of("a", "ab", "b"), false);
            assertThat(matches(pattern, as(id))).as("%s on %s", pattern, id).isEqualTo(oracle(pattern, id));
        }
    }

    private static String path(Random random, List<String> words, boolean open) {
        List<String> segments = new ArrayList<>();
        segments.add(random.nextBoolean() ? "a" : "ab");
        for (int n = random.nextInt(4); n > 0; n--) {
            segments.add(words.get(random.nextInt(words.size())));
        }
        if (open) {
            segments.add("**");
        }
        return String.join("/", segments);
    }

    private static boolean oracle(String pattern, String id) {
        List<String> mine = List.of(pattern.split("/"));
        List<String> other = List.of(id.split("/"));
        boolean open = mine.get(mine.size() - 1).equals("**");
        int fixed = open ? mine.size() - 1 : mine.size();
        if (open ? other.size() <= fixed : other.size() != fixed) {
            return false;
        }
        for (int i = 0; i < fixed; i++) {
            if (!mine.get(i).equals("*") && !mine.get(i).equals(other.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(String pattern, Peer peer) {
        return Peer.Pattern.parse(pattern).matches(peer);
    }

    private static Peer at(String address) {
        return Peer.of(new InetSocketAddress(Ip.parse(address).orElseThrow(), 4711), LOCAL);
    }

    private static Peer as(String identity) {
        return at("192.0.2.1").withIdentity(new Identity(identity, Identity.Proof.CERTIFICATE));
    }
}
