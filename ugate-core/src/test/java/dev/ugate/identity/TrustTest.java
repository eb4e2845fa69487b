package dev.ugate.identity;

import static dev.ugate.identity.Chains.ID;
import static dev.ugate.identity.Chains.NOW;
import static dev.ugate.identity.Chains.ROOT;
import static dev.ugate.identity.Chains.between;
import static dev.ugate.identity.Chains.chain;
import static dev.ugate.identity.Chains.leaf;
import static dev.ugate.identity.Chains.root;
import static dev.ugate.identity.Chains.trust;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Identity;
import dev.ugate.model.Identity.End;
import dev.ugate.model.x509.Der;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** T19 to T23, L14, L43, L46: whom chains prove, and the many that prove nobody. */
final class TrustTest {
    private static final UnaryOperator<CertificateBuilder> SAME = builder -> builder;
    private static final X509Bundle BETWEEN = between(ROOT, SAME);

    @ParameterizedTest
    @EnumSource(End.class)
    void aSpiffeIdUnderItsBundleIsProven(End end) throws CertificateException {
        Identity expected = new Identity(ID, Identity.Proof.CERTIFICATE);

        assertThat(trust(ROOT).verify(chain(leaf(ID)), end)).isEqualTo(expected);
        assertThat(trust(ROOT).verify(chain(leaf(BETWEEN, SAME, ID), BETWEEN), end))
                .isEqualTo(expected);
    }

    @Test
    void theRootMayComeAlongAndOrderDoesNotMatter() throws CertificateException {
        X509Bundle leaf = leaf(BETWEEN, SAME, ID);

        assertThat(trust(ROOT).verify(chain(leaf, BETWEEN, ROOT), End.SERVER)).hasToString(ID);
        assertThat(trust(ROOT).verify(chain(leaf, ROOT, BETWEEN), End.SERVER)).hasToString(ID);
    }

    @Test
    void anEmptySubjectIsNoProblem() throws CertificateException {
        NodeKey key = NodeKey.generate();
        var empty = new javax.security.auth.x500.X500Principal("");
        var authority = new javax.security.auth.x500.X500Principal("O=cluster.local");
        X509Certificate root = new Draft(
                        key.publicKey(),
                        authority,
                        NOW,
                        NOW.plusSeconds(60),
                        Draft.Kind.AUTHORITY,
                        List.of("spiffe://cluster.local"))
                .signed(authority, key);
        X509Certificate leaf = new Draft(
                        NodeKey.generate().publicKey(), empty, NOW, NOW.plusSeconds(60), Draft.Kind.END, List.of(ID))
                .signed(authority, key);
        Trust trust = new Trust(Map.of("cluster.local", new Bundle("cluster.local", List.of(root))), Chains.clock(NOW));

        assertThat(trust.verify(List.of(leaf), End.CLIENT)).hasToString(ID);
    }

    @Test
    void twoRootsOfADomainMayOverlap() throws CertificateException {
        X509Bundle next = root("CN=next", SAME);

        assertThat(trust(ROOT, next).verify(chain(leaf(next, SAME, ID)), End.SERVER))
                .hasToString(ID);
        assertThat(trust(ROOT, next).verify(chain(leaf(ID)), End.SERVER)).hasToString(ID);
    }

    @ParameterizedTest
    @EnumSource(
            value = Algorithm.class,
            names = {"ecp256", "ecp384", "rsa2048", "ed25519"})
    void l46TakesTheseKeys(Algorithm algorithm) throws CertificateException {
        X509Bundle leaf = leaf(ROOT, builder -> builder.algorithm(algorithm), ID);

        assertThat(trust(ROOT).verify(chain(leaf), End.SERVER)).hasToString(ID);
    }

    @Test
    void l46RefusesOthers() {
        refused(trust(ROOT), End.SERVER, "expected Ed25519, P-256", leaf(ROOT, b -> b.algorithm(Algorithm.ed448), ID));
        X509Bundle odd = between(ROOT, b -> b.algorithm(Algorithm.ed448));
        refused(trust(ROOT), End.SERVER, "", leaf(odd, SAME, ID), odd);
    }

    @Test
    void t21AnotherDomainsRootProvesNothingHere() {
        X509Bundle other = root("CN=other", SAME);
        Trust both = new Trust(
                Map.of(
                        "cluster.local", new Bundle("cluster.local", chain(ROOT)),
                        "other.example", new Bundle("other.example", chain(other))),
                Chains.clock(NOW));

        refused(both, End.SERVER, "bundle of cluster.local", leaf(other, SAME, ID));
        refused(both, End.SERVER, "bundle of other.example", leaf("spiffe://other.example/a"));
        refused(
                both,
                End.SERVER,
                "trust domain of spiffe://third.example/a: no bundle: expected one of [cluster.local, other.example]",
                leaf("spiffe://third.example/a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spiffe://cluster.local",
                "spiffe://cluster.local/",
                "spiffe://cluster.local//a",
                "spiffe://cluster.local/a/../b",
                "spiffe://cluster.local/a%2Fb",
                "spiffe://CLUSTER.local/a",
                "spiffe://cluster.local:1/a",
                "spiffe://u@cluster.local/a",
                "spiffe://cluster.local/a?b",
                "spiffe://cluster.local/a#b"
            })
    void t21WhatOnlyLooksLikeAnIdIsNone(String id) {
        refused(trust(ROOT), End.SERVER, "expected one SPIFFE id", leaf(id));
    }

    @Test
    void t19OneUriAndOfItsOwnType() {
        refused(trust(ROOT), End.SERVER, "expected one SPIFFE id", leaf(ID, "spiffe://cluster.local/b"));
        refused(trust(ROOT), End.SERVER, "expected one SPIFFE id", leaf(ID, "https://a.example/"));
        refused(trust(ROOT), End.SERVER, "names no SPIFFE id", leaf("https://a.example/"));
        refused(trust(ROOT), End.SERVER, "names no SPIFFE id", leaf("cluster.local"));
        refused(trust(ROOT), End.SERVER, "names no SPIFFE id", leaf(ROOT, b -> b.subject("CN=\"" + ID + "\"")));
        refused(
                trust(ROOT),
                End.SERVER,
                "names no SPIFFE id",
                leaf(ROOT, b -> b.addExtensionOctetString("2.5.29.17", false, names(0x82, ID))));
    }

    @Test
    void t20AControlCharacterSpoilsTheWholeCertificate() {
        refused(
                trust(ROOT),
                End.SERVER,
                "control character",
                leaf(
                        ROOT,
                        b -> b.addExtensionOctetString(
                                "2.5.29.17",
                                false,
                                Der.sequence(
                                        Der.element(0x86, ID.getBytes(StandardCharsets.US_ASCII)),
                                        Der.element(0x82, "a.m\0.b".getBytes(StandardCharsets.US_ASCII))))));
    }

    @Test
    void t23ALeafIsNoAuthority() {
        X509Bundle honest = leaf(ID);
        X509Bundle forged = leaf(asIssuer(honest), SAME, "spiffe://cluster.local/ns/admin/sa/admin");

        refused(trust(ROOT), End.SERVER, "bundle of cluster.local", forged, honest);
    }

    @Test
    void t23AnAuthorityIsNoLeaf() {
        refused(trust(ROOT), End.SERVER, "certificate of an authority", ROOT);
        refused(trust(ROOT), End.SERVER, "certificate of an authority", BETWEEN, ROOT);
        refused(
                trust(ROOT),
                End.SERVER,
                "certificate of an authority",
                leaf(ROOT, b -> b.setKeyUsage(true, KeyUsage.digitalSignature, KeyUsage.keyCertSign), ID));
    }

    @Test
    void t23AuthoritiesWithoutTheirFlagsIssueNothing() {
        X509Bundle noUsage = between(ROOT, b -> b.setKeyUsage(true, KeyUsage.digitalSignature));
        X509Bundle noFlag = between(ROOT, b -> b.setIsCertificateAuthority(false));

        refused(trust(ROOT), End.SERVER, "", leaf(asIssuer(noUsage), SAME, ID), noUsage);
        refused(trust(ROOT), End.SERVER, "", leaf(asIssuer(noFlag), SAME, ID), noFlag);
    }

    @Test
    void t23EachEndNeedsItsPurpose() throws CertificateException {
        X509Bundle server = bare(CertificateBuilder::addExtendedKeyUsageServerAuth);
        X509Bundle client = bare(CertificateBuilder::addExtendedKeyUsageClientAuth);

        assertThat(trust(ROOT).verify(chain(server), End.SERVER)).hasToString(ID);
        assertThat(trust(ROOT).verify(chain(client), End.CLIENT)).hasToString(ID);
        refused(trust(ROOT), End.CLIENT, "expected clientAuth", server);
        refused(trust(ROOT), End.SERVER, "expected serverAuth", client);
        refused(trust(ROOT), End.SERVER, "extended key usage none: expected serverAuth", bare(SAME));
        refused(
                trust(ROOT),
                End.SERVER,
                "expected serverAuth",
                bare(CertificateBuilder::addExtendedKeyUsageCodeSigning));
        refused(trust(ROOT), End.SERVER, "expected serverAuth", bare(b -> b.addExtendedKeyUsage("2.5.29.37.0")));
    }

    @Test
    void t23AnAuthorityForCodeIssuesNoEnds() {
        X509Bundle code = between(ROOT, CertificateBuilder::addExtendedKeyUsageCodeSigning);

        refused(trust(ROOT), End.SERVER, "expected that of its leaves", leaf(code, SAME, ID), code);
    }

    @Test
    void t23LeavesSign() {
        refused(
                trust(ROOT),
                End.SERVER,
                "expected digitalSignature",
                leaf(ROOT, b -> b.setKeyUsage(true, KeyUsage.keyEncipherment), ID));
    }

    @Test
    void t23PathLengthsHold() throws CertificateException {
        X509Bundle shallow = root("CN=shallow", Chains.path(0));
        X509Bundle below = between(shallow, SAME);
        X509Bundle one = between(ROOT, Chains.path(0));
        X509Bundle two = between(one, b -> b.subject("CN=two"));

        refused(trust(shallow), End.SERVER, "path length 1: expected at most 0", leaf(below, SAME, ID), below);
        refused(trust(ROOT), End.SERVER, "", leaf(two, SAME, ID), two, one);
        assertThat(trust(shallow).verify(chain(leaf(shallow, SAME, ID)), End.SERVER))
                .hasToString(ID);
    }

    @Test
    void t23NameConstraintsHold() throws CertificateException {
        X509Bundle narrow =
                between(ROOT, b -> b.addExtensionOctetString("2.5.29.30", true, permitted("other.example")));
        X509Bundle wide = between(ROOT, b -> b.addExtensionOctetString("2.5.29.30", true, permitted("cluster.local")));
        X509Bundle root =
                root("CN=narrow", b -> b.addExtensionOctetString("2.5.29.30", true, permitted("other.example")));

        refused(trust(ROOT), End.SERVER, "", leaf(narrow, SAME, ID), narrow);
        refused(trust(root), End.SERVER, "", leaf(root, SAME, ID));
        assertThat(trust(ROOT).verify(chain(leaf(wide, SAME, ID), wide), End.SERVER))
                .hasToString(ID);
    }

    @Test
    void t23WhatIsCriticalAndUnknownIsRefused() {
        refused(
                trust(ROOT),
                End.SERVER,
                "",
                leaf(ROOT, b -> b.addExtensionOctetString("1.2.3.4.5", true, new byte[] {5, 0}), ID));
    }

    @Test
    void l43AMinuteAfterItsEndIsTheEnd() throws CertificateException {
        X509Bundle leaf = leaf(ID);
        var end = leaf.getCertificate().getNotAfter().toInstant();

        assertThat(trust(end.plusSeconds(60), ROOT).verify(chain(leaf), End.SERVER))
                .hasToString(ID);
        refused(trust(end.plusSeconds(61), ROOT), End.SERVER, "", leaf);
        refused(trust(leaf.getCertificate().getNotBefore().toInstant().minusSeconds(1), ROOT), End.SERVER, "", leaf);
    }

    @Test
    void t23ExpiredAuthoritiesVouchForNobody() throws CertificateException {
        X509Bundle old = between(ROOT, b -> b.notAfter(NOW.plusSeconds(30)));
        X509Bundle leaf = leaf(old, SAME, ID);
        X509Bundle oldRoot = root("CN=old", b -> b.notAfter(NOW.minusSeconds(61)));

        assertThat(trust(NOW.plusSeconds(60), ROOT).verify(chain(leaf, old), End.SERVER))
                .hasToString(ID);
        refused(trust(NOW.plusSeconds(91), ROOT), End.SERVER, "", leaf, old);
        refused(trust(oldRoot), End.SERVER, "valid until", leaf(oldRoot, SAME, ID));
    }

    @Test
    void aForgedSignatureIsRefused() throws Exception {
        byte[] der = leaf(ID).getCertificate().getEncoded();
        der[der.length - 1] ^= 1;
        X509Certificate forged = dev.ugate.model.x509.PemText.certificate(der);

        assertThatThrownBy(() -> trust(ROOT).verify(List.of(forged), End.SERVER))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void l14ChainsEndAtFive() {
        List<X509Certificate> six = new ArrayList<>(chain(leaf(ID)));
        while (six.size() < 6) {
            six.add(ROOT.getCertificate());
        }

        assertThatThrownBy(() -> trust(ROOT).verify(six, End.SERVER)).hasMessage("chain of 6: expected 1 to 5");
        assertThatThrownBy(() -> trust(ROOT).verify(List.of(), End.SERVER)).hasMessage("chain of 0: expected 1 to 5");
    }

    @Test
    void anAuthorityOfAnotherDomainIsRefusedUnderAnyRoot() {
        X509Bundle astray = between(ROOT, b -> uri(b, "spiffe://other.example"));
        X509Bundle near = between(ROOT, b -> uri(b, "spiffe://cluster.local.evil.example"));
        X509Bundle own = between(ROOT, b -> uri(b, "spiffe://cluster.local"));

        refused(trust(ROOT), End.SERVER, "expected one of cluster.local", leaf(astray, SAME, ID), astray);
        refused(trust(ROOT), End.SERVER, "expected one of cluster.local", leaf(near, SAME, ID), near);
        assertThat(verified(trust(ROOT), leaf(own, SAME, ID), own)).hasToString(ID);
    }

    @Test
    void aBundleHoldsAuthorities() {
        assertThatThrownBy(() -> new Bundle("cluster.local", chain(leaf(ID))))
                .hasMessage(
                        "bundle of cluster.local: CN=leaf: no authority: expected basicConstraints CA and keyCertSign");
        assertThatThrownBy(() -> new Bundle("cluster.local", List.of())).hasMessageContaining("empty");
    }

    @Test
    void aCertificateOfItsOwnKeyProvesTheKey() {
        NodeKey key = NodeKey.generate();
        Credential own = Credential.selfCertified(key, key.name(".m"), NOW, Credential.LIFE);

        assertThat(verified(Trust.NOBODY, own.chain()))
                .isEqualTo(new Identity("key:" + key.id(), Identity.Proof.KEY))
                .isEqualTo(own.identity());
    }

    @Test
    void selfCertifiedIdsAndAuthoritiesAreRefused() {
        NodeKey key = NodeKey.generate();
        List<X509Certificate> claims =
                Credential.selfCertified(key, ID, NOW, Credential.LIFE).chain();
        X509Bundle authority = Chains.made(
                purposes(new CertificateBuilder().ecp256().subject("CN=me").setIsCertificateAuthority(true)), null);

        assertThatThrownBy(() -> trust(ROOT).verify(claims, End.SERVER))
                .hasMessage("certificate for " + ID + " signs itself: expected an issuer");
        refused(trust(ROOT), End.SERVER, "certificate of an authority", authority);
    }

    @Test
    void selfCertifiedIsWhatItsOwnKeySigned() {
        NodeKey mine = NodeKey.generate();
        NodeKey other = NodeKey.generate();
        var name = new javax.security.auth.x500.X500Principal("CN=" + mine.id());
        X509Certificate forged = new Draft(
                        mine.publicKey(), name, NOW, NOW.plusSeconds(60), Draft.Kind.END, List.of(mine.name(".m")))
                .signed(name, other);

        assertThatThrownBy(() -> Trust.NOBODY.verify(List.of(forged), End.CLIENT))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("does not sign itself");
    }

    @Test
    void l43HoldsForSelfCertifiedToo() {
        NodeKey key = NodeKey.generate();
        List<X509Certificate> chain = Credential.selfCertified(key, key.name(".m"), NOW, Duration.ofMinutes(1))
                .chain();

        assertThat(verified(new Trust(Map.of(), Chains.clock(NOW.plusSeconds(120))), chain))
                .isNotNull();
        assertThatThrownBy(() -> new Trust(Map.of(), Chains.clock(NOW.plusSeconds(121))).verify(chain, End.CLIENT))
                .isInstanceOf(CertificateExpiredException.class);
        assertThatThrownBy(() -> new Trust(Map.of(), Chains.clock(NOW.minusSeconds(301))).verify(chain, End.CLIENT))
                .isInstanceOf(CertificateException.class);
    }

    private static void refused(Trust trust, End end, String why, X509Bundle... leafFirst) {
        assertThatThrownBy(() -> trust.verify(chain(leafFirst), end))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining(why);
    }

    private static Identity verified(Trust trust, X509Bundle... leafFirst) {
        return verified(trust, chain(leafFirst));
    }

    private static Identity verified(Trust trust, List<X509Certificate> chain) {
        try {
            return trust.verify(chain, End.SERVER);
        } catch (CertificateException e) {
            throw new AssertionError(e);
        }
    }

    /** Without purposes but those that are added. */
    private static X509Bundle bare(UnaryOperator<CertificateBuilder> change) {
        CertificateBuilder builder =
                new CertificateBuilder().ecp256().subject("CN=leaf").notAfter(NOW.plusSeconds(60));
        return Chains.made(change.apply(uri(builder, ID)), ROOT);
    }

    private static CertificateBuilder purposes(CertificateBuilder builder) {
        return builder.addExtendedKeyUsageServerAuth().addExtendedKeyUsageClientAuth();
    }

    private static CertificateBuilder uri(CertificateBuilder builder, String uri) {
        return builder.addSanUriName(java.net.URI.create(uri));
    }

    /** A bundle that signs although its certificate does not permit it. */
    private static X509Bundle asIssuer(X509Bundle any) {
        return Chains.made(
                new CertificateBuilder()
                        .keyPair(any.getKeyPair())
                        .subject(any.getCertificate().getSubjectX500Principal())
                        .setIsCertificateAuthority(true),
                null);
    }

    private static byte[] names(int tag, String name) {
        return Der.sequence(Der.element(tag, name.getBytes(StandardCharsets.US_ASCII)));
    }

    /** NameConstraints (RFC 5280 §4.2.1.10) that permit URIs of one host. */
    private static byte[] permitted(String host) {
        return Der.sequence(
                Der.element(0xA0, Der.sequence(Der.element(0x86, host.getBytes(StandardCharsets.US_ASCII)))));
    }
}
