package dev.ugate.protocols.ssh.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.identity.NodeKey;
import dev.ugate.identity.SshCredential;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.testing.SshVectors;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** T77: what is not known, or not who was expected, is refused. */
final class HostJudgeTest {
    private static final String PLAIN = "ssh-ed25519";
    private static final String CERTIFIED = "ssh-ed25519-cert-v01@openssh.com";
    private static final HostPort HOST = new HostPort("gw.example", 22);
    private static final SshPrivateKey KEY = SshVectors.secret("ed25519");
    private static final byte[] DATA = {1, 2, 3};

    private final Tester tester = new Tester();

    private HostJudge judge(String... expected) {
        return new HostJudge(HOST, Set.of(expected), tester, Tester.CLOCK);
    }

    private static HostJudge shown(HostJudge judge, String algorithm, byte[] blob) {
        return shown(judge, algorithm, blob, KEY);
    }

    private static HostJudge shown(HostJudge judge, String algorithm, byte[] blob, SshPrivateKey by) {
        try {
            judge.verify(algorithm, blob, DATA, by.sign(DATA));
            return judge;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private HostJudge plain(HostJudge judge) {
        return shown(judge, PLAIN, KEY.publicKey().blob());
    }

    private static void refuses(org.assertj.core.api.ThrowableAssert.ThrowingCallable judging, String why) {
        assertThatThrownBy(judging)
                .isInstanceOf(Refused.class)
                .satisfies(refused -> assertThat(((Refused) refused).reason()).isEqualTo(Refusal.UPSTREAM_IDENTITY))
                .hasMessageStartingWith("host key of gw.example:22: ")
                .hasMessageContaining(why);
    }

    @Test
    void aKnownHostIsItself() {
        tester.knowing("gw.example " + KEY.publicKey().text());
        HostJudge judge = plain(judge());

        assertThat(judge.proven().orElseThrow().identity())
                .isEqualTo(KEY.publicKey().identity());
        assertThat(judge.algorithms()).containsExactly(PLAIN, CERTIFIED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "other.example ed25519 | unknown: expected it in ssh.knownHosts",
                "gw.example other | another than the known one",
                "@revoked * ed25519 | revoked",
                "@cert-authority * ed25519 | unknown"
            })
    void othersAreRefused(String line, String why) {
        int space = line.lastIndexOf(' ');
        tester.knowing(line.substring(0, space) + " "
                + Tester.key(line.substring(space + 1)).text());
        HostJudge judge = judge();

        refuses(() -> plain(judge), why);
        assertThat(judge.proven()).isEmpty();
    }

    @Test
    void aPinnedKeyIsTheOneAndNoOther() {
        String pin = KEY.publicKey().identity().name();
        assertThat(plain(judge(pin)).proven()).isPresent();
        refuses(() -> plain(judge(Tester.key("other").identity().name())), "expected ssh:SHA256:");
        // In a certificate, too, whoever signed that.
        assertThat(shown(judge(pin), CERTIFIED, SshVectors.certificate("host").blob())
                        .proven()
                        .orElseThrow()
                        .identity()
                        .name())
                .isEqualTo(pin);
        tester.knowing("gw.example " + Tester.key("other").text() + "\n@revoked * "
                + KEY.publicKey().text());
        refuses(() -> plain(judge(pin)), "revoked");
    }

    @Test
    void whatIsRevokedEverywhereIsRefused() {
        byte[] certificate = SshVectors.certificate("host").blob();
        tester.knowing("gw.example " + KEY.publicKey().text() + "\n@cert-authority * "
                + Tester.key("ca").text());
        assertThat(shown(judge(), CERTIFIED, certificate).proven()).isPresent();
        tester.revoking("ssh-serial:7");
        refuses(() -> shown(judge(), CERTIFIED, certificate), "revoked");
        assertThat(plain(judge()).proven()).isPresent();
        tester.revoking(KEY.publicKey().identity().name());
        refuses(() -> plain(judge()), "revoked");
    }

    @Test
    void beingKnownIsNotBeingExpected() {
        tester.knowing("gw.example " + KEY.publicKey().text());
        refuses(() -> plain(judge("spiffe://cluster.local/ns/a/sa/b")), "expected spiffe://cluster.local/ns/a/sa/b");
    }

    @Test
    void anAuthorityVouchesForItsHosts() {
        tester.knowing("@cert-authority *.example " + Tester.key("ca").text());
        HostJudge judge = judge();

        assertThat(judge.algorithms()).containsExactly(CERTIFIED, PLAIN);
        assertThat(shown(judge, CERTIFIED, SshVectors.certificate("host").blob())
                        .proven())
                .isPresent();
    }

    /** T78. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "host | other | unknown: expected @cert-authority",
                "host-critical | ca | critical option",
                "ed25519 | ca | of kind user",
                "expired | ca | of kind user",
                "anybody | ca | of kind user"
            })
    void certificatesThatProveNobodyAreRefused(String name, String authority, String why) {
        tester.knowing("@cert-authority *.example " + Tester.key(authority).text());
        refuses(() -> shown(judge(), CERTIFIED, SshVectors.certificate(name).blob()), why);
    }

    @Test
    void aCertificateIsForItsHosts() {
        tester.knowing("@cert-authority * " + Tester.key("ca").text());
        HostJudge elsewhere = new HostJudge(new HostPort("gw.other", 22), Set.of(), tester, Tester.CLOCK);
        assertThatThrownBy(() -> shown(
                        elsewhere, CERTIFIED, SshVectors.certificate("host").blob()))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("expected gw.other");
    }

    @Test
    void aMemberProvesToBeWhoIsExpected() {
        NodeKey node = NodeKey.generate();
        SshCredential member = Tester.member(node, KEY, Tester.NOW);
        HostJudge judge = judge(node.id().identity());

        assertThat(judge.algorithms()).containsExactly(CERTIFIED);
        HostJudge.Proven proven =
                shown(judge, CERTIFIED, member.host().blob()).proven().orElseThrow();
        assertThat(proven.identity().name()).isEqualTo(node.id().identity());
        assertThat(proven.member().orElseThrow().chain()).isEqualTo(member.of().chain());
    }

    @Test
    void membersThatAreNotExpectedAreRefused() {
        NodeKey node = NodeKey.generate();
        SshCertificate host = Tester.member(node, KEY, Tester.NOW).host();
        SshCertificate user = Tester.member(node, KEY, Tester.NOW).user();
        SshCertificate old =
                Tester.member(node, KEY, Tester.NOW.minus(Duration.ofHours(25))).host();
        String other = NodeKey.generate().id().identity();

        refuses(() -> shown(judge(other), CERTIFIED, host.blob()), "expected " + other);
        refuses(() -> shown(judge(), CERTIFIED, host.blob()), "expected an identity of the endpoint");
        refuses(() -> shown(judge(node.id().identity()), CERTIFIED, user.blob()), "of kind user");
        refuses(() -> shown(judge(node.id().identity()), CERTIFIED, old.blob()), "valid until");
    }

    @Test
    void aCertificateOfAMemberIsSignedByTheKeyOfItsChain() throws GeneralSecurityException {
        SshCertificate real = Tester.member(NodeKey.generate(), KEY, Tester.NOW).host();
        SshCertificate forged =
                SshCertificate.issue(KEY.publicKey(), real.terms(), SshVectors.secret("p256"), new byte[32]);
        refuses(
                () -> shown(judge(real.terms().id()), CERTIFIED, forged.blob()),
                "certificate signed by ecdsa-sha2-nistp256");
    }

    @Test
    void whoSignsHoldsTheKey() {
        tester.knowing("gw.example " + KEY.publicKey().text());
        refuses(
                () -> shown(judge(), PLAIN, KEY.publicKey().blob(), SshVectors.secret("other")),
                "signature does not verify");
        refuses(() -> judge().verify(PLAIN, KEY.publicKey().blob(), DATA, new byte[3]), "ssh: ");
        refuses(() -> shown(judge(), PLAIN, new byte[0]), "ssh: ");
        refuses(() -> shown(judge(), CERTIFIED, KEY.publicKey().blob()), "certificate ssh-ed25519: not taken");
    }

    @Test
    void onlyEd25519IsTaken() {
        SshKey rsa = Tester.key("rsa");
        tester.knowing("gw.example " + rsa.text());
        refuses(() -> shown(judge(), "rsa-sha2-512", rsa.blob(), SshVectors.secret("rsa")), "expected ssh-ed25519 or");
    }

    /** CVE-2025-26465, and every exchange behind the first. */
    @Test
    void theKeyStaysTheSame() {
        tester.knowing("gw.example " + KEY.publicKey().text() + "\ngw.example "
                + Tester.key("other").text());
        HostJudge judge = plain(judge());
        plain(judge);

        refuses(
                () -> shown(judge, PLAIN, Tester.key("other").blob(), SshVectors.secret("other")),
                "another than before");
        refuses(
                () -> shown(judge, PLAIN, KEY.publicKey().blob(), SshVectors.secret("other")),
                "signature does not verify");
    }

    @Test
    void ourOwnKeysAreWhatTheyShouldBe() {
        OwnHostKeys stock = new OwnHostKeys(tester.shown(Optional.empty()), () -> false);
        assertThat(stock.algorithms()).containsExactly(PLAIN);
        tester.certified(SshVectors.certificate("host"));
        OwnHostKeys certified = new OwnHostKeys(tester.shown(Optional.empty()), () -> false);
        assertThat(certified.algorithms()).containsExactly(CERTIFIED, PLAIN);
        assertThat(certified.blob(CERTIFIED))
                .isEqualTo(SshVectors.certificate("host").blob());

        OwnHostKeys member = new OwnHostKeys(tester.shown(Optional.empty()), () -> true);
        HostJudge judge = judge(tester.node.id().identity());
        judge.verify(CERTIFIED, member.blob(CERTIFIED), DATA, member.sign(CERTIFIED, DATA));
        assertThat(judge.proven()).isPresent();
        assertThat(member.blob(PLAIN)).isEqualTo(tester.host.publicKey().blob());
        assertThat(List.of(PLAIN)).isEqualTo(stock.algorithms());
    }
}
