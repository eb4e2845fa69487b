package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Identity.End;
import dev.ugate.model.x509.AlternativeNames;
import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.SpiffeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuthorityTest {
    private static final SpiffeId ID = new SpiffeId(Chains.ID);
    private static final Duration DAY = Duration.ofHours(24);

    @TempDir
    private Path temp;

    private Path folder;
    private NodeKey node;

    private final List<IOException> failed = new ArrayList<>();

    @BeforeEach
    void choose() {
        folder = temp.resolve("ca");
        node = NodeKey.generate();
    }

    @Test
    void whatItIssuesIsBelievedUnderItsRoot() throws Exception {
        Authority authority = create();
        X509Certificate leaf = authority.issue(node.publicKey(), ID, DAY, Optional.empty());
        Trust trust = new Trust(
                Map.of("cluster.local", new Bundle("cluster.local", List.of(authority.root()))), at(Chains.NOW));

        assertThat(trust.verify(List.of(leaf), End.SERVER)).hasToString(ID.text());
        assertThat(trust.verify(List.of(leaf, authority.root()), End.CLIENT)).hasToString(ID.text());
    }

    @Test
    void aLeafSaysExactlyThis() throws IOException, GeneralSecurityException {
        Authority authority = create();
        X509Certificate leaf = authority.issue(node.publicKey(), ID, DAY, Optional.empty());

        assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
        assertThat(leaf.getPublicKey()).isEqualTo(node.publicKey());
        assertThat(leaf.getNotBefore().toInstant()).isEqualTo(Chains.NOW.minusSeconds(300));
        assertThat(leaf.getNotAfter().toInstant()).isEqualTo(Chains.NOW.plus(DAY));
        assertThat(AlternativeNames.of(leaf)).isEqualTo(new AlternativeNames(List.of(), List.of(ID.text())));
        assertThat(leaf.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.19", "2.5.29.15", "2.5.29.17");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        leaf.verify(authority.root().getPublicKey());
    }

    @Test
    void theRootIssuesLeavesOnly() throws IOException {
        X509Certificate root = create().root();

        assertThat(root.getBasicConstraints()).isZero();
        assertThat(root.getKeyUsage()).startsWith(false, false, false, false, false, true, true);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(Authority.open(folder, Optional.empty(), at(Chains.NOW)).root())
                .isEqualTo(root);
    }

    @Test
    void itsKeyIsSealedLikeANodes() throws IOException {
        Optional<Seal> seal = Optional.of(Seal.of("0123456789abcdef".getBytes(StandardCharsets.US_ASCII), "test"));
        Authority.create(folder, "cluster.local", seal, at(Chains.NOW));

        assertThat(folder.resolve("ca.sealed")).exists();
        assertThat(folder.resolve("ca.key")).doesNotExist();
        assertThat(Authority.open(folder, seal, at(Chains.NOW)).domain()).isEqualTo("cluster.local");
        assertThatThrownBy(() -> Authority.open(folder, Optional.empty(), at(Chains.NOW)))
                .hasMessageContaining("sealed: expected what sealed it");
    }

    @Test
    void refusesWhatItMayNotIssue() throws IOException {
        Authority authority = create();

        assertThatThrownBy(() -> authority.issue(
                        node.publicKey(), new SpiffeId("spiffe://other.example/a"), DAY, Optional.empty()))
                .hasMessage("id spiffe://other.example/a: expected one of spiffe://cluster.local/");
        assertThatThrownBy(() -> authority.issue(node.publicKey(), ID, Duration.ofSeconds(9), Optional.empty()))
                .hasMessage("life 9s: expected 10s to 90d");
        assertThatThrownBy(() -> authority.issue(node.publicKey(), ID, Duration.ofDays(91), Optional.empty()))
                .hasMessageContaining("expected 10s to 90d");
        Authority old = Authority.open(folder, Optional.empty(), at(Chains.NOW.plus(Duration.ofDays(3649))));
        assertThatThrownBy(() -> old.issue(node.publicKey(), ID, Duration.ofDays(2), Optional.empty()))
                .hasMessageContaining("expected a new authority");
        assertThat(authority.register().entries()).isEmpty();
    }

    @Test
    void refusesToBeMadeTwiceAndToOpenNothing() throws IOException {
        create();

        assertThatThrownBy(this::create).hasMessage("authority " + folder + ": exists: expected an empty directory");
        assertThatThrownBy(() -> Authority.open(temp.resolve("none"), Optional.empty(), at(Chains.NOW)))
                .hasMessage("authority " + temp.resolve("none") + ": no root.pem: expected ugate ca init");
        assertThatThrownBy(() -> Authority.create(temp.resolve("b"), "A.b", Optional.empty(), at(Chains.NOW)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAKeyThatIsNotTheRoots() throws IOException {
        create();
        Files.delete(folder.resolve("ca.key"));

        assertThatThrownBy(() -> Authority.open(folder, Optional.empty(), at(Chains.NOW)))
                .hasMessageContaining("expected a pair");
    }

    @Test
    void keepsARegisterThatReadsBack() throws IOException {
        Authority authority = create();
        Path out = temp.resolve("node.pem");
        X509Certificate first = authority.issue(node.publicKey(), ID, DAY, Optional.of(out));
        authority.issue(
                NodeKey.generate().publicKey(), new SpiffeId("spiffe://cluster.local/b"), DAY, Optional.empty());

        List<Register.Entry> entries = authority.register().entries();
        assertThat(entries).extracting(Register.Entry::id).containsExactly(ID.text(), "spiffe://cluster.local/b");
        assertThat(entries.get(0)).isEqualTo(new Register.Entry(Chains.NOW, ID.text(), first, Optional.of(out)));
        assertThat(PemText.certificates(Files.readString(out))).containsExactly(first);
        Files.writeString(folder.resolve("issued.log"), "torn\n");
        assertThatThrownBy(() -> authority.register().entries())
                .isInstanceOf(IOException.class)
                .hasMessage("file " + folder.resolve("issued.log") + ":1: 1 columns: expected 5");
    }

    @Test
    void renewsWhatIsPastHalfItsLifeForTheSameHolder() throws IOException {
        Path out = temp.resolve("node.pem");
        X509Certificate first = create().issue(node.publicKey(), ID, DAY, Optional.of(out));

        assertThat(open(Duration.ofHours(11)).renew(failed::add)).isEmpty();
        assertThat(open(Duration.ofHours(12)).renew(failed::add))
                .extracting(Register.Entry::certificate)
                .containsExactly(first);
        assertThat(open(Duration.ofHours(13)).renew(failed::add)).isEmpty();
        X509Certificate second = PemText.certificates(Files.readString(out)).get(0);
        assertThat(second.getPublicKey()).isEqualTo(node.publicKey());
        assertThat(second.getNotAfter().toInstant()).isEqualTo(Chains.NOW.plus(Duration.ofHours(36)));
        assertThat(second.getSerialNumber()).isNotEqualTo(first.getSerialNumber());
    }

    @Test
    void oneThatCannotBeWrittenKeepsNobodyElseFromBeingRenewed() throws IOException {
        Path gone = Files.createDirectory(temp.resolve("gone"));
        Path kept = temp.resolve("kept.pem");
        Authority authority = create();
        authority.issue(node.publicKey(), ID, DAY, Optional.of(gone.resolve("node.pem")));
        authority.issue(node.publicKey(), new SpiffeId("spiffe://cluster.local/b"), DAY, Optional.of(kept));
        Files.delete(gone.resolve("node.pem"));
        Files.delete(gone);

        assertThat(open(Duration.ofHours(12)).renew(failed::add))
                .extracting(Register.Entry::out)
                .containsExactly(Optional.of(kept));
        assertThat(failed)
                .extracting(Throwable::getMessage)
                .containsExactly("file " + gone.resolve("node.pem")
                        + ": cannot be written: expected a place for the next certificate of " + ID);
        Files.createDirectory(gone);
        assertThat(open(Duration.ofHours(13)).renew(failed::add)).hasSize(1);
        assertThat(gone.resolve("node.pem")).exists();
    }

    @Test
    void revokedHoldersAreNotRenewedAndTheListIsForNodes() throws IOException {
        Authority authority = create();
        NodeKey other = NodeKey.generate();
        NodeKey third = NodeKey.generate();
        authority.issue(node.publicKey(), ID, DAY, Optional.empty());
        X509Certificate second = authority.issue(other.publicKey(), ID, DAY, Optional.empty());
        X509Certificate kept =
                authority.issue(third.publicKey(), new SpiffeId("spiffe://cluster.local/c"), DAY, Optional.empty());

        assertThat(authority.register().revoke(node.id().identity())).isTrue();
        assertThat(authority.register().revoke(second.getSerialNumber().toString(16)))
                .isTrue();
        assertThat(authority.register().revoke(node.id().identity())).isFalse();

        assertThat(open(Duration.ofHours(20)).renew(failed::add))
                .extracting(Register.Entry::certificate)
                .containsExactly(kept);
        Revocations read = Revocations.parse(Files.readAllBytes(folder.resolve("revoked.txt")), Trust.NOBODY);
        assertThat(read.revoked(List.of(second))).isTrue();
        assertThat(read.revoked(List.of(kept))).isFalse();
    }

    @Test
    void whoIsRevokedGetsNoOther() throws IOException {
        Authority authority = create();
        authority.register().revoke(ID.text());
        authority.register().revoke(node.id().identity());

        for (SpiffeId id : List.of(ID, new SpiffeId("spiffe://cluster.local/c"))) {
            assertThatThrownBy(() -> authority.issue(node.publicKey(), id, DAY, Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is revoked: expected another one");
        }
        assertThat(authority.register().entries()).isEmpty();
    }

    @Test
    void revokesOnlyWhatMeansSomething() throws IOException {
        Register register = create().register();

        assertThatThrownBy(() -> register.revoke("abcd")).hasMessageContaining("not issued here");
        assertThatThrownBy(() -> register.revoke("nobody")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> register.revoke("# x")).hasMessageContaining("expected spiffe://");
        assertThatThrownBy(() -> register.revoke("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> register.revoke(ID + "\nkey:x")).isInstanceOf(IllegalArgumentException.class);
        assertThat(folder.resolve("revoked.txt")).doesNotExist();
    }

    private Authority create() throws IOException {
        return Authority.create(folder, "cluster.local", Optional.empty(), at(Chains.NOW));
    }

    private Authority open(Duration later) throws IOException {
        return Authority.open(folder, Optional.empty(), at(Chains.NOW.plus(later)));
    }

    private static Clock at(Instant now) {
        return Clock.fixed(now, ZoneOffset.UTC);
    }
}
