package dev.ugate.model.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshCertificate.Terms;
import dev.ugate.testing.SshVectors;
import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SshCertificateTest {
    private static final Instant NOW = Instant.parse("2026-01-15T00:00:00Z");
    private static final Terms TERMS = new Terms(
            -1,
            Kind.USER,
            "somebody",
            List.of("alice"),
            0,
            SshCertificate.FOREVER,
            new TreeMap<>(),
            new TreeMap<>(Map.of("permit-port-forwarding", new byte[0])));

    private static void check(SshCertificate certificate, Kind kind) throws CertificateException {
        certificate.check(kind, NOW, Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "p256", "p384", "p521", "rsa"})
    void readsWhatSshKeygenSigned(String name) throws CertificateException {
        SshCertificate certificate = SshVectors.certificate(name);

        check(certificate, Kind.USER);
        assertThat(certificate.key()).isEqualTo(SshVectors.key(name));
        assertThat(certificate.authority()).isEqualTo(SshVectors.key("ca"));
        assertThat(certificate.terms().principals()).containsExactly("alice", "bob");
        assertThat(certificate.terms().serial()).isEqualTo(7);
        assertThat(certificate.terms().id()).isEqualTo(name);
        assertThat(certificate.until()).isEqualTo(Instant.MAX);
        assertThat(certificate.restrictions()).isEqualTo(Restrictions.NONE);
        assertThat(certificate.isFor(Optional.empty())).isTrue();
        assertThat(certificate.presence()).isEqualTo(Presence.STANDARD);
        assertThat(SshVectors.text(name + "-cert.pub")).startsWith(certificate.text() + " ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"by-p256", "by-rsa", "extended", "in-time", "account", "spiffe", "verified"})
    void whatAnAuthoritySignedCounts(String name) {
        assertThatCode(() -> check(SshVectors.certificate(name), Kind.USER)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "expired, USER, valid until 2020-01-02T00:00:00Z",
        "early, USER, valid from 2090-01-01T00:00:00Z",
        "anybody, USER, without principals",
        "unknown, USER, critical option strange@example",
        "host, USER, of kind host: expected user",
        "ed25519, HOST, of kind user: expected host",
        "host-critical, HOST, critical option strange@example",
    })
    void whatDoesNotCountIsRefused(String name, Kind kind, String why) {
        assertThatThrownBy(() -> check(SshVectors.certificate(name), kind))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining(why);
    }

    @Test
    void sha1IsNotTaken() {
        assertThatThrownBy(() -> SshVectors.certificate("by-rsa-sha1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("signature ssh-rsa: not taken");
    }

    @Test
    void timeIsJudgedToTheSecond() {
        SshCertificate certificate = SshVectors.certificate("in-time");
        Instant from = Instant.ofEpochSecond(certificate.terms().after());
        Instant to = certificate.until();

        assertThatCode(() -> certificate.check(Kind.USER, from, Duration.ZERO)).doesNotThrowAnyException();
        assertThatThrownBy(() -> certificate.check(Kind.USER, from.minusMillis(1), Duration.ZERO))
                .isInstanceOf(CertificateException.class);
        assertThatCode(() -> certificate.check(Kind.USER, to.minusMillis(1), Duration.ZERO))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> certificate.check(Kind.USER, to, Duration.ZERO))
                .isInstanceOf(CertificateException.class);
        Duration skew = Duration.ofSeconds(60);
        assertThatCode(() -> certificate.check(Kind.USER, to.plusSeconds(59), skew))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> certificate.check(Kind.USER, to.plusSeconds(60), skew))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void oneEndAndAuthorityAreToldApartByNothingElseThanTheSignature() throws Exception {
        SshCertificate forged = signedBy(SshVectors.secret("other"), TERMS);
        byte[] blob = forged.blob();
        byte[] other = SshVectors.key("other").blob();
        int at = blob.length - 2 * (4 + other.length) - 36;
        assertThat(forged.authority()).isEqualTo(SshVectors.key("other"));
        byte[] real = SshVectors.key("ca").blob();
        int key = indexOf(blob, other);
        System.arraycopy(real, 0, blob, key, real.length);

        assertThat(at).isPositive();
        assertThat(SshCertificate.parse(blob).authority()).isEqualTo(SshVectors.key("ca"));
        assertThatThrownBy(() -> check(SshCertificate.parse(blob), Kind.USER))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("certificate signature: expected that of");
    }

    private static int indexOf(byte[] in, byte[] what) {
        for (int i = 0; i + what.length <= in.length; i++) {
            if (java.util.Arrays.equals(in, i, i + what.length, what, 0, what.length)) {
                return i;
            }
        }
        throw new AssertionError("not in it");
    }

    @Test
    void everyOctetThatIsSignedCounts() {
        byte[] blob = SshVectors.certificate("ed25519").blob();
        for (int i = 0; i < blob.length; i++) {
            byte[] changed = blob.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> check(SshCertificate.parse(changed), Kind.USER))
                    .as("octet " + i)
                    .isInstanceOfAny(CertificateException.class, IllegalArgumentException.class);
        }
    }

    @Test
    void optionsLimitWhatItsHolderMayDo() throws CertificateException {
        assertThat(SshVectors.certificate("no-forwarding").restrictions().forwarding())
                .isFalse();
        assertThat(SshVectors.certificate("command").restrictions())
                .isEqualTo(new Restrictions(false, List.of(), List.of(), Optional.of("/bin/echo hello")));
        assertThat(SshVectors.certificate("verified").presence()).isEqualTo(new Presence(true, true));
        SshCertificate from = SshVectors.certificate("from");
        assertThat(from.isFor(address("192.0.2.9"))).isTrue();
        assertThat(from.isFor(address("2001:db8::9"))).isTrue();
        assertThat(from.isFor(address("198.51.100.1"))).isFalse();
        assertThat(from.isFor(Optional.empty())).isFalse();
    }

    private static Optional<InetAddress> address(String text) {
        return Ip.parse(text);
    }

    @ParameterizedTest
    @CsvSource({
        "gw.example, true",
        "GW.example, true",
        "a.mesh.example, true",
        "mesh.example, false",
        "gw.example.evil, false",
        "other, false"
    })
    void aHostsPrincipalsMayBePatterns(String host, boolean named) throws CertificateException {
        SshCertificate certificate = SshVectors.certificate("host");
        check(certificate, Kind.HOST);
        assertThat(certificate.names(host)).isEqualTo(named);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ed25519", "p256", "p384", "rsa"})
    void issuesWhatItReads(String authority) throws Exception {
        SshCertificate certificate = signedBy(SshVectors.secret(authority), TERMS);

        check(certificate, Kind.USER);
        assertThat(certificate.authority()).isEqualTo(SshVectors.key(authority));
        assertThat(certificate.toString()).contains("somebody serial 18446744073709551615");
        assertThat(certificate).isEqualTo(SshCertificate.parse(certificate.text()));
    }

    private static SshCertificate signedBy(SshPrivateKey authority, Terms terms) throws Exception {
        return SshCertificate.issue(SshVectors.key("ed25519"), terms, authority, new byte[32]);
    }

    @Test
    void optionsThatAreNotAsTheyShouldBeAreRefused() throws Exception {
        for (String option : List.of("source-address", "force-command")) {
            SshCertificate torn = signedBy(SshVectors.secret("ca"), critical(option, new byte[] {1}));
            assertThatThrownBy(() -> {
                        torn.isFor(address("192.0.2.1"));
                        torn.restrictions();
                    })
                    .isInstanceOf(CertificateException.class)
                    .hasMessageContaining("certificate option " + option);
        }
        SshCertificate bad = signedBy(
                SshVectors.secret("ca"),
                critical(
                        "source-address", new SshWriter().string("192.0.2.1/24").bytes()));
        assertThatThrownBy(() -> bad.isFor(address("192.0.2.1"))).isInstanceOf(CertificateException.class);
    }

    private static Terms critical(String name, byte[] data) {
        return new Terms(1, Kind.USER, "x", List.of("a"), 0, -1, new TreeMap<>(Map.of(name, data)), new TreeMap<>());
    }

    @Test
    void optionsOutOfOrderAndTwiceAreRefused() throws Exception {
        for (String second : List.of("b", "a")) {
            SshCertificate good = signedBy(SshVectors.secret("ca"), TERMS);
            byte[] options = new SshWriter()
                    .string("b")
                    .string("")
                    .string(second)
                    .string("")
                    .bytes();
            byte[] blob = rebuilt(good, out -> out.string(options));
            assertThatThrownBy(() -> SshCertificate.parse(blob))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("behind b");
        }
    }

    /** The same up to its critical options, which come from elsewhere. */
    private static byte[] rebuilt(SshCertificate of, UnaryOperator<SshWriter> options) {
        SshWriter out = new SshWriter()
                .string(of.key().type().certificate())
                .string(new byte[32])
                .raw(of.key().fields())
                .u64(1)
                .u32(1)
                .string("x")
                .string("")
                .u64(0)
                .u64(-1);
        return options.apply(out)
                .string("")
                .string("")
                .string(of.authority().blob())
                .string(new byte[0])
                .bytes();
    }

    @Test
    void anAuthorityIsAPlainKey() throws Exception {
        SshCertificate good = signedBy(SshVectors.secret("ca"), TERMS);
        byte[] blob = new SshWriter()
                .string(good.key().type().certificate())
                .string(new byte[32])
                .raw(good.key().fields())
                .u64(1)
                .u32(1)
                .string("x")
                .string("")
                .u64(0)
                .u64(-1)
                .string("")
                .string("")
                .string("")
                .string(good.blob())
                .string(new byte[0])
                .bytes();
        assertThatThrownBy(() -> SshCertificate.parse(blob))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("key ssh-ed25519-cert-v01@openssh.com: not taken");
    }

    @Test
    void thePublicFormIsNotMistakenForAKey() {
        assertThatThrownBy(() -> SshKey.parse(SshVectors.text("ed25519-cert.pub")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SshCertificate.parse(SshVectors.text("ed25519.pub")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new HostPort("gw.example", 22).host()).isEqualTo("gw.example");
    }
}
