package dev.ugate.app.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.model.Identity;
import dev.ugate.model.Identity.End;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.testing.Authority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a configuration makes the node believe, and who is believed no longer. */
final class BeliefsTest {
    private static final String WEB = "spiffe://mesh.test/ns/a/sa/web";
    private static final Authority AUTHORITY = Authority.create();
    private static final List<X509Certificate> CHAIN =
            List.of(AUTHORITY.issue(WEB).getCertificate());

    @TempDir
    Path folder;

    private Path root;
    private Path revoked;

    @BeforeEach
    void write() throws IOException {
        root = AUTHORITY.writeRoot(folder);
        revoked = Files.writeString(folder.resolve("revoked.txt"), "# nobody\n");
    }

    @Test
    void believesWhomTheBundleOfTheDomainVouchesFor() throws Exception {
        Beliefs beliefs = beliefs("mesh.test");
        assertThat(beliefs.verify(CHAIN, End.CLIENT)).isEqualTo(new Identity(WEB, Identity.Proof.CERTIFICATE));
        assertThat(beliefs.over(CHAIN)).isFalse();
    }

    @Test
    void severalBundlesOfADomainAreOne() throws Exception {
        Authority second = Authority.create("second");
        Path other = second.writeRoot(Files.createDirectory(folder.resolve("second")));
        Beliefs beliefs = Beliefs.read(
                config(List.of(new MeshConfig.Anchor("mesh.test", root), new MeshConfig.Anchor("mesh.test", other))),
                Clock.systemUTC());
        beliefs.verify(CHAIN, End.CLIENT);
        beliefs.verify(List.of(second.issue(WEB).getCertificate()), End.SERVER);
    }

    @Test
    void revokedIdentityIsRefusedWithTheReasonThatTheAlertTells() throws Exception {
        Files.writeString(revoked, WEB + "\n");
        Beliefs beliefs = beliefs("mesh.test");
        assertThat(beliefs.over(CHAIN)).isTrue();
        assertThatThrownBy(() -> beliefs.verify(CHAIN, End.CLIENT))
                .isInstanceOf(CertificateException.class)
                .hasMessage("certificate of " + WEB + ": revoked")
                .cause()
                .isInstanceOfSatisfying(
                        CertPathValidatorException.class,
                        why -> assertThat(why.getReason()).isEqualTo(BasicReason.REVOKED));
    }

    @Test
    void domainWithoutABundleIsOver() throws Exception {
        assertThat(beliefs("other.test").over(CHAIN)).isTrue();
        assertThat(Beliefs.NONE.over(CHAIN)).isTrue();
    }

    @Test
    void whatHangsOnARootThatWasTakenOutIsOver() throws Exception {
        Beliefs before = beliefs("mesh.test");
        Authority second = Authority.create("second");
        List<X509Certificate> others = List.of(second.issue(WEB).getCertificate());
        second.writeRoot(folder);
        Beliefs next = beliefs("mesh.test").after(before);
        assertThat(next.over(CHAIN)).isTrue();
        assertThat(next.over(others)).isFalse();
        assertThat(beliefs("mesh.test").after(next).over(CHAIN))
                .as("and stays so behind the next reload")
                .isTrue();
        AUTHORITY.writeRoot(folder);
        assertThat(beliefs("mesh.test").after(next).over(CHAIN)).isFalse();
    }

    @Test
    void aRootOfTheSameNameAndAnotherKeyIsAnother() throws Exception {
        Beliefs before = beliefs("mesh.test");
        Authority.create().writeRoot(folder);
        assertThat(beliefs("mesh.test").after(before).over(CHAIN)).isTrue();
    }

    /** Its end is the business of whoever watches the clock, who knows of newer proofs. */
    @Test
    void anExpiredCertificateUnderARootThatStaysIsNotOver() throws Exception {
        List<X509Certificate> expired =
                List.of(AUTHORITY.issue(Instant.now().minusSeconds(600), WEB).getCertificate());
        Authority second = Authority.create();
        Path other = second.writeRoot(Files.createDirectory(folder.resolve("second")));
        Beliefs both = Beliefs.read(
                config(List.of(new MeshConfig.Anchor("mesh.test", root), new MeshConfig.Anchor("mesh.test", other))),
                Clock.systemUTC());
        assertThat(beliefs("mesh.test").after(both).over(expired)).isFalse();
    }

    @Test
    void filesThatCannotBeUsedAreNamed() throws Exception {
        Files.writeString(revoked, "everybody\n");
        assertThatThrownBy(() -> beliefs("mesh.test"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("revoked.txt: line 1");
        Files.writeString(root, "nothing\n");
        assertThatThrownBy(() -> beliefs("mesh.test"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ca.pem");
    }

    private Beliefs beliefs(String domain) throws IOException {
        return Beliefs.read(config(List.of(new MeshConfig.Anchor(domain, root))), Clock.systemUTC());
    }

    private MeshConfig config(List<MeshConfig.Anchor> trust) {
        return new MeshConfig(
                Mesh.STANDARD,
                trust,
                Optional.empty(),
                Optional.of(revoked),
                Optional.empty(),
                Map.of(),
                List.of(),
                List.of());
    }
}
