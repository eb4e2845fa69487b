package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Identity;
import dev.ugate.model.x509.AlternativeNames;
import dev.ugate.model.x509.PemText;
import dev.ugate.testing.Authority;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CredentialTest {
    private static final NodeKey KEY = NodeKey.generate();

    @TempDir
    private Path folder;

    @Test
    void aSelfCertifiedOneSaysExactlyThis() throws GeneralSecurityException {
        Credential own = Credential.selfCertified(KEY, KEY.name(".m"), Chains.NOW, Credential.LIFE);
        X509Certificate leaf = own.chain().get(0);

        assertThat(leaf.getNotBefore().toInstant()).isEqualTo(Chains.NOW.minusSeconds(300));
        assertThat(own.notAfter()).isEqualTo(Chains.NOW.plus(Duration.ofHours(24)));
        assertThat(AlternativeNames.of(leaf)).isEqualTo(new AlternativeNames(List.of(KEY.name(".m")), List.of()));
        assertThat(leaf.getSubjectX500Principal()).hasToString("CN=" + KEY.id());
        assertThat(leaf.getIssuerX500Principal()).isEqualTo(leaf.getSubjectX500Principal());
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getKeyUsage()).startsWith(true, false, false, false, false, false);
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(leaf.getVersion()).isEqualTo(3);
        assertThat(leaf.getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertThat(leaf.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.19", "2.5.29.15");
        assertThat(leaf.getPublicKey()).isEqualTo(KEY.publicKey());
        leaf.verify(KEY.publicKey());
        assertThat(own).hasToString("Credential[key:" + KEY.id() + ", until " + own.notAfter() + "]");
    }

    @Test
    void serialsArePositiveAndDiffer() {
        Set<Object> serials = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            X509Certificate leaf = Credential.selfCertified(KEY, "a.m", Chains.NOW, Credential.LIFE)
                    .chain()
                    .get(0);
            assertThat(leaf.getSerialNumber()).isPositive();
            serials.add(leaf.getSerialNumber());
        }
        assertThat(serials).hasSize(20);
    }

    @Test
    void timesOfAllCenturiesReadBack() {
        Instant late = Instant.parse("2049-12-31T23:59:59Z");
        Credential own = Credential.selfCertified(KEY, "a.m", late, Duration.ofSeconds(1));

        assertThat(own.notAfter()).isEqualTo(Instant.parse("2050-01-01T00:00:00Z"));
        assertThat(own.chain().get(0).getNotBefore().toInstant()).isEqualTo(late.minusSeconds(300));
    }

    @Test
    void t117ItIsRenewedAboutHalfWayAndNotByAllAtOnce() {
        Credential own = Credential.selfCertified(KEY, "a.m", Chains.NOW, Duration.ofHours(20));
        Random random = new Random(7);
        Set<Instant> times = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Instant at = own.renewAt(Chains.NOW, random);
            assertThat(Duration.between(Chains.NOW, at)).isBetween(Duration.ofHours(9), Duration.ofHours(11));
            times.add(at);
        }
        assertThat(times).hasSizeGreaterThan(90);
    }

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"ecp256", "ecp384", "rsa2048"})
    void readsFilesOfEcAndRsaKeys(Algorithm algorithm) throws IOException {
        X509Bundle bundle = Chains.leaf(Chains.ROOT, b -> b.algorithm(algorithm), Chains.ID);
        Path cert = Authority.write(folder, "leaf", bundle);

        Credential read = Credential.read(cert, folder.resolve("leaf.key"));

        assertThat(read.identity()).isEqualTo(new Identity(Chains.ID, Identity.Proof.CERTIFICATE));
        assertThat(read.chain()).startsWith(bundle.getCertificate());
        assertThat(read.key()).isEqualTo(bundle.getKeyPair().getPrivate());
    }

    @Test
    void theNodesOwnKeyMayBeTheOneThatIsCertified() throws IOException {
        Path cert = folder.resolve("own.pem");
        Files.writeString(
                cert,
                PemText.text(Credential.selfCertified(KEY, "a.m", Chains.NOW, Credential.LIFE)
                        .chain()));

        assertThat(Credential.read(cert, KEY).identity().name()).isEqualTo("key:" + KEY.id());
        NodeKey other = NodeKey.generate();
        assertThatThrownBy(() -> Credential.read(cert, other))
                .hasMessage("file " + cert + ": not of this node's key: expected the certificate of key:" + other.id());
    }

    @Test
    void filesThatProveNobodyAreRefusedByName() throws IOException {
        Path cert = Authority.write(folder, "leaf", Chains.leaf(Chains.ID));
        Path key = folder.resolve("leaf.key");
        Authority.write(folder, "other", Chains.leaf(Chains.ID));
        Path two = Authority.write(folder, "two", Chains.leaf(Chains.ID, "spiffe://a/b"));
        Path empty = Files.writeString(folder.resolve("empty"), "");

        assertThatThrownBy(() -> Credential.read(cert, folder.resolve("other.key")))
                .hasMessageContaining("not the key of " + cert);
        assertThatThrownBy(() -> Credential.read(two, folder.resolve("two.key")))
                .hasMessageContaining("expected one SPIFFE id");
        assertThatThrownBy(() -> Credential.read(empty, key))
                .hasMessage("file " + empty + ": no certificate: expected PEM");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> Credential.read(cert, key)).hasMessageContaining("others may touch the key");
    }
}
