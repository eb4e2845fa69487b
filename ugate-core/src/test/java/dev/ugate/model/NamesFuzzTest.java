package dev.ugate.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ugate.model.x509.SpiffeId;
import dev.ugate.testing.Seeds;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Names that decide where bytes go and who may send them: targets, addresses, SPIFFE ids and the patterns of rules. */
final class NamesFuzzTest {
    /** SPIFFE-ID §2, written another way than the class does. */
    private static final Pattern SPIFFE =
            Pattern.compile("(?s)(?=.{0,2048}\\z)spiffe://[a-z0-9._-]{1,255}(/(?!\\.{1,2}(/|\\z))[A-Za-z0-9._-]+)+");

    private static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.7", 1);
    private static final String DOMAIN = "spiffe://cluster.local/ns/";

    static Stream<Arguments> targets() {
        return Stream.concat(
                Seeds.texts(
                        "example.com:443",
                        "[2001:db8::1]:80",
                        "0x7f.1:22",
                        "2130706433:1",
                        "[::ffff:127.0.0.1]:80",
                        "a_b.-c.d.:0",
                        "[1:2:3:4:5:6:1.2.3.4]:65535"),
                Seeds.kept("target"));
    }

    /** The canonical form is a fixed point, and a literal stays one. */
    @MethodSource("targets")
    @FuzzTest
    void aTargetHasOneSpelling(byte[] bytes) {
        HostPort target;
        try {
            target = HostPort.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (Refused refused) {
            assertThat(refused.reason()).isEqualTo(Refusal.MALFORMED);
            return;
        }
        assertThat(HostPort.parse(target.toString())).isEqualTo(target);
        assertThat(target.host()).matches("[a-z0-9._:-]{1,253}");
        target.literal().ifPresent(address -> assertThat(Ip.text(address)).isEqualTo(target.host()));
        assertThat(new Glob(target.host()).matches(target.host())).isTrue();
    }

    static Stream<Arguments> ids() {
        return Stream.concat(
                Seeds.texts(
                        DOMAIN + "web/sa/shop",
                        "spiffe://a",
                        "spiffe://a/",
                        "spiffe://a//b",
                        "spiffe://a/../b",
                        "spiffe://A/b",
                        "SPIFFE://a/b",
                        "spiffe://a/%62"),
                Seeds.kept("spiffe"));
    }

    @MethodSource("ids")
    @FuzzTest
    void aSpiffeIdIsOneToTheLetter(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        assertThat(SpiffeId.isLegal(text)).isEqualTo(SPIFFE.matcher(text).matches());
        if (SpiffeId.isLegal(text)) {
            SpiffeId id = new SpiffeId(text);
            assertThat(text).startsWith(SpiffeId.SCHEME + id.domain() + "/");
        }
    }

    static Stream<Arguments> rules() {
        return Stream.concat(
                Seeds.texts(
                        "spiffe://a/b\nspiffe://a/b",
                        "spiffe://a/*/c\nspiffe://a/b/c",
                        "spiffe://a/b/**\nspiffe://a/b/c/d",
                        "spiffe://a/**\nspiffe://a/b",
                        "spiffe://*/b\nspiffe://a/b",
                        "spiffe://a/b*\nspiffe://a/bc",
                        "10.0.0.0/8\nspiffe://a/b",
                        "user:me\nuser:me"),
                Seeds.kept("rule"));
    }

    /** T22: a pattern of peers and an identity, a line each; what fits is what a plain reading of the segments says. */
    @MethodSource("rules")
    @FuzzTest
    void aPatternFitsByWholeSegments(byte[] bytes) {
        String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", 2);
        if (lines.length < 2 || !SpiffeId.isLegal(lines[1])) {
            return;
        }
        Peer.Pattern pattern;
        try {
            pattern = Peer.Pattern.parse(lines[0]);
        } catch (IllegalArgumentException illegal) {
            return;
        }
        Peer peer = Peer.of(HERE, HERE).withIdentity(new Identity(lines[1], Identity.Proof.CERTIFICATE));
        if (lines[0].startsWith(SpiffeId.SCHEME)) {
            assertThat(pattern.matches(peer)).isEqualTo(fits(lines[0].split("/", -1), lines[1].split("/", -1)));
        }
    }

    private static boolean fits(String[] pattern, String[] id) {
        int last = pattern.length - 1;
        boolean open = pattern[last].equals("**");
        if (open ? id.length <= last : id.length != pattern.length) {
            return false;
        }
        for (int i = 0; i < (open ? last : pattern.length); i++) {
            if (!pattern[i].equals("*") && !pattern[i].equals(id[i])) {
                return false;
            }
        }
        return true;
    }
}
