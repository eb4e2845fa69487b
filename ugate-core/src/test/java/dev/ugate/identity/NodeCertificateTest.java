package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Identity;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshCertificate.Terms;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.model.ssh.SshWriter;
import dev.ugate.testing.SshVectors;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class NodeCertificateTest {
    private static final Instant NOW = Instant.parse("2026-01-15T00:00:00Z");

    private final NodeKey node = NodeKey.generate();
    private final SshPrivateKey key = SshNodeKey.generate().pair();
    private final Credential own = Credential.selfCertified(node, node.name(".m"), NOW, Credential.LIFE);
    private final SshCredential shown =
            SshCredential.of(own, key, List.of(node.name(".m"), node.id().identity()));

    @Test
    void tiesTheKeyToWhomTheNodeProvesToBe() throws CertificateException {
        Trust trust = new Trust(Map.of(), Clock.fixed(NOW, ZoneOffset.UTC));

        for (Kind kind : Kind.values()) {
            SshCertificate certificate = kind == Kind.HOST ? shown.host() : shown.user();
            assertThat(NodeCertificate.isOne(certificate)).isTrue();
            assertThat(certificate.key()).isEqualTo(key.publicKey());
            assertThat(certificate.terms().principals())
                    .containsExactly(node.name(".m"), node.id().identity());
            assertThat(NodeCertificate.chain(certificate, kind, NOW)).isEqualTo(own.chain());
            assertThat(trust.verify(NodeCertificate.chain(certificate, kind, NOW), Identity.End.SERVER))
                    .isEqualTo(own.identity());
            assertThat(certificate.until()).isEqualTo(own.notAfter());
        }
        assertThat(shown.toString()).doesNotContain("Private");
        assertThat(NodeCertificate.isOne(SshVectors.certificate("ed25519"))).isFalse();
    }

    @Test
    void isForOneEnd() {
        assertThatThrownBy(() -> NodeCertificate.chain(shown.user(), Kind.HOST, NOW))
                .isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> NodeCertificate.chain(shown.host(), Kind.USER, NOW))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void endsWithTheChainAndItsGrace() {
        Instant end = own.notAfter();
        assertThatCode(() -> NodeCertificate.chain(shown.user(), Kind.USER, end.plusSeconds(59)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> NodeCertificate.chain(shown.user(), Kind.USER, end.plusSeconds(61)))
                .isInstanceOf(CertificateException.class);
        assertThatThrownBy(() -> NodeCertificate.chain(shown.user(), Kind.USER, NOW.minus(Duration.ofMinutes(6))))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void somebodyElsesChainIsOfNoUse() throws Exception {
        Terms terms = shown.user().terms();
        SshPrivateKey thief = SshVectors.secret("p256");
        SshCertificate stolen = SshCertificate.issue(thief.publicKey(), terms, thief, new byte[32]);

        assertThatThrownBy(() -> NodeCertificate.chain(stolen, Kind.USER, NOW))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("the key of its x509-chain@ugate.dev");
    }

    @Test
    void chainsThatAreNoneAreRefused() throws Exception {
        SshPrivateKey issuer = new SshPrivateKey(SshKey.of(node.publicKey()), own.key());
        byte[] der = own.chain().get(0).getEncoded();
        byte[] six = new SshWriter()
                .string(der)
                .string(der)
                .string(der)
                .string(der)
                .string(der)
                .string(der)
                .bytes();
        byte[] torn = new SshWriter().string(Arrays.copyOf(der, 100)).bytes();
        for (byte[] chain : List.of(new byte[0], six, torn, new byte[] {0, 0, 1})) {
            Terms old = shown.user().terms();
            Terms terms = new Terms(
                    1,
                    Kind.USER,
                    "x",
                    List.of("x"),
                    old.after(),
                    old.before(),
                    new TreeMap<>(),
                    new TreeMap<>(Map.of(NodeCertificate.CHAIN, chain)));
            SshCertificate certificate = SshCertificate.issue(key.publicKey(), terms, issuer, new byte[32]);
            assertThatThrownBy(() -> NodeCertificate.chain(certificate, Kind.USER, NOW))
                    .isInstanceOf(CertificateException.class);
        }
    }
}
