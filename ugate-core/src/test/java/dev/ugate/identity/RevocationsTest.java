package dev.ugate.identity;

import static dev.ugate.identity.Chains.ID;
import static dev.ugate.identity.Chains.ROOT;
import static dev.ugate.identity.Chains.chain;
import static dev.ugate.identity.Chains.leaf;
import static dev.ugate.identity.Chains.trust;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Identity;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.x509.Der;
import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.testing.SshVectors;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RevocationsTest {
    private static final X509Bundle LEAF = leaf(ID);

    @Test
    void nobodyIsRevokedByNothing() {
        assertThat(lines("")).hasToString("Revocations[0 identities, 0 serials, 0 CRLs]");
        assertThat(lines("# nobody\n\n").isEmpty()).isTrue();
        assertThat(Revocations.NONE.revoked(chain(LEAF, ROOT))).isFalse();
    }

    @Test
    void anIdIsRevokedWhateverItsCertificate() {
        Revocations over = lines("# stolen\n  " + ID + "   # on Monday\n");

        assertThat(over.revoked(chain(LEAF))).isTrue();
        assertThat(over.revoked(chain(leaf(ID)))).isTrue();
        assertThat(over.revoked(chain(leaf(ID + "2")))).isFalse();
    }

    @Test
    void aKeyIsRevokedWhateverItIsCalled() {
        NodeKey key = NodeKey.generate();
        Revocations over = lines("key:" + key.id().text().toLowerCase(java.util.Locale.ROOT));
        Credential own = Credential.selfCertified(key, "a.m", Chains.NOW, Credential.LIFE);
        Credential claimed = Credential.selfCertified(key, ID, Chains.NOW, Credential.LIFE);

        assertThat(over.revoked(own.chain())).isTrue();
        assertThat(over.revoked(claimed.chain())).isTrue();
        assertThat(over.revoked(chain(LEAF))).isFalse();
        assertThat(lines(NodeId.of(PublicKeys.marshalled(LEAF.getCertificate().getPublicKey()))
                                .identity())
                        .revoked(chain(LEAF)))
                .isTrue();
    }

    @Test
    void aSerialIsRevokedAnywhereInTheChain() {
        String serial = LEAF.getCertificate().getSerialNumber().toString(16);
        String even = serial.length() % 2 == 0 ? serial : "0" + serial;

        assertThat(lines(even).revoked(chain(LEAF))).isTrue();
        assertThat(lines(even.toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?!$)", "$1:"))
                        .revoked(chain(LEAF)))
                .isTrue();
        assertThat(lines(even).revoked(chain(leaf(ID)))).isFalse();
        assertThat(lines(even).revoked(chain(leaf(ID), LEAF))).isTrue();
    }

    @Test
    void certificatesOfSshAreRevokedByThemselvesTheirKeyAndTheirAuthority() {
        SshCertificate certificate = SshVectors.certificate("ed25519");
        assertThat(lines("ssh-serial:7 # alice's").revoked(certificate)).isTrue();
        assertThat(lines(certificate.key().identity().name()).revoked(certificate))
                .isTrue();
        assertThat(lines(certificate.authority().identity().name()).revoked(certificate))
                .isTrue();
        assertThat(lines("ssh-serial:70\n07\n").revoked(certificate)).isFalse();
        assertThat(lines("user:alice").revoked(new Identity("user:alice", Identity.Proof.SSH_CERTIFICATE)))
                .isTrue();
        assertThat(lines("user:alice").revoked(new Identity("user:al", Identity.Proof.SSH_CERTIFICATE)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spiffe://a",
                "key:abc",
                "key:",
                "abc",
                "group:ann",
                "ssh-serial:0",
                "ssh-serial:a",
                "ssh:SHA256:short",
                "user:",
                "0x12",
                "12 34 5",
                "spiffe://a/b c"
            })
    void aLineThatMeansNothingIsAnError(String line) {
        assertThatThrownBy(() -> lines("# one\n" + line + "\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("line 2: ")
                .hasMessageContaining("expected");
    }

    @Test
    void aCrlOfATrustedRootCounts() throws Exception {
        byte[] crl = crl(ROOT, ROOT, LEAF.getCertificate().getSerialNumber());

        for (byte[] form : new byte[][] {crl, PemText.text(PemText.CRL, crl).getBytes(StandardCharsets.US_ASCII)}) {
            Revocations over = Revocations.parse(form, trust(ROOT));
            assertThat(over.revoked(chain(LEAF))).isTrue();
            assertThat(over.revoked(chain(leaf(ID)))).isFalse();
        }
    }

    @Test
    void aCrlSpeaksOfItsOwnIssuersCertificatesOnly() throws Exception {
        X509Bundle other = Chains.root("CN=other", b -> b);
        BigInteger serial = LEAF.getCertificate().getSerialNumber();
        X509Certificate twin = leaf(other, b -> b.serial(serial), ID).getCertificate();
        Revocations over = Revocations.parse(crl(ROOT, ROOT, serial), trust(ROOT, other));

        assertThat(over.revoked(java.util.List.of(twin))).isFalse();
    }

    @Test
    void aCrlOfAnIntermediateCountsForChainsThatShowIt() throws Exception {
        X509Bundle between = Chains.between(ROOT, b -> b);
        X509Bundle leaf = leaf(between, b -> b, ID);
        BigInteger serial = leaf.getCertificate().getSerialNumber();
        Revocations over = Revocations.parse(crl(between, between, serial), trust(ROOT));

        assertThat(over.revoked(chain(leaf, between))).isTrue();
        assertThat(over.revoked(chain(leaf(between, b -> b, ID), between))).isFalse();
    }

    @Test
    void aCrlThatTheIntermediateDidNotSignCountsForNothing() throws Exception {
        X509Bundle between = Chains.between(ROOT, b -> b);
        X509Bundle twin = Chains.between(ROOT, b -> b);
        X509Bundle leaf = leaf(between, b -> b, ID);
        BigInteger serial = leaf.getCertificate().getSerialNumber();

        assertThat(Revocations.parse(crl(between, twin, serial), trust(ROOT)).revoked(chain(leaf, between)))
                .isFalse();
        assertThat(Revocations.parse(crl(between, between, serial), trust(ROOT)).revoked(chain(leaf, twin)))
                .isFalse();
    }

    @Test
    void anIntermediateThatItsRootTookBackIsRevokedWithAllBelowIt() throws Exception {
        X509Bundle between = Chains.between(ROOT, b -> b);
        byte[] crl = crl(ROOT, ROOT, between.getCertificate().getSerialNumber());

        assertThat(Revocations.parse(crl, trust(ROOT)).revoked(chain(leaf(between, b -> b, ID), between)))
                .isTrue();
    }

    @Test
    void aCrlOfNobodyWeTrustIsAnError() throws Exception {
        X509Bundle twin = Chains.root("CN=root", b -> b);
        X509Bundle mute = Chains.root("CN=mute", b -> b.setKeyUsage(true, KeyUsage.keyCertSign));

        refused(crl(twin, twin, BigInteger.TEN), trust(ROOT));
        refused(crl(mute, mute, BigInteger.TEN), trust(mute));
        refused(crl(ROOT, ROOT, BigInteger.TEN), Trust.NOBODY);
        assertThatThrownBy(() -> Revocations.parse(
                        PemText.text(PemText.CRL, new byte[9]).getBytes(StandardCharsets.US_ASCII), trust(ROOT)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("CRL: ");
    }

    private static void refused(byte[] crl, Trust trust) {
        assertThatThrownBy(() -> Revocations.parse(crl, trust))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("signed by nobody: expected a root of the bundles");
    }

    private static Revocations lines(String text) {
        return Revocations.parse(text.getBytes(StandardCharsets.UTF_8), Trust.NOBODY);
    }

    /** CertificateList (RFC 5280 §5.1) with one entry, long expired. */
    private static byte[] crl(X509Bundle issuer, X509Bundle signer, BigInteger serial) throws Exception {
        byte[] algorithm = HexFormat.of().parseHex("300a06082a8648ce3d040302");
        byte[] then = Der.element(0x17, "200101000000Z".getBytes(StandardCharsets.US_ASCII));
        byte[] body = Der.sequence(
                Der.element(Der.INTEGER, new byte[] {1}),
                algorithm,
                issuer.getCertificate().getSubjectX500Principal().getEncoded(),
                then,
                then,
                Der.sequence(Der.sequence(Der.element(Der.INTEGER, serial.toByteArray()), then)));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signer.getKeyPair().getPrivate());
        signature.update(body);
        return Der.sequence(body, algorithm, Der.element(Der.BIT_STRING, new byte[1], signature.sign()));
    }
}
