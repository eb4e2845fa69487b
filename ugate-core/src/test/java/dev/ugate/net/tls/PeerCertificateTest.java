package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Identity;
import dev.ugate.model.Refused;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.testing.Authority;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.Test;

/** T19 to T21: names count by their type, and SPIFFE ids to the letter. */
final class PeerCertificateTest {
    private static final Authority AUTHORITY = Authority.create();

    @Test
    void spiffeIdIsTheIdentity() {
        X509Bundle leaf = AUTHORITY.issue("spiffe://cluster.local/ns/web/sa/shop", "shop.test");
        assertThat(PeerCertificate.identity(leaf.getCertificate()))
                .isEqualTo(new Identity("spiffe://cluster.local/ns/web/sa/shop", Identity.Proof.CERTIFICATE));
    }

    @Test
    void t19SpiffeIdInADnsNameIsNoIdentity() {
        X509Bundle leaf = AUTHORITY.issue("cluster.local");
        assertThat(PeerCertificate.identity(leaf.getCertificate()).name())
                .isEqualTo(NodeId.of(PublicKeys.marshalled(leaf.getCertificate().getPublicKey()))
                        .identity());
        assertThat(PeerCertificate.dnsNames(leaf.getCertificate())).containsExactly("cluster.local");
    }

    @Test
    void t19TwoUriNamesAreRefused() {
        X509Bundle leaf = AUTHORITY.issue("spiffe://a/b", "spiffe://a/c");
        assertThatThrownBy(() -> PeerCertificate.identity(leaf.getCertificate()))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("expected one SPIFFE id");
    }

    @Test
    void t20ControlCharacterInAnyNameIsRefused() {
        X509Bundle leaf = AUTHORITY.issue("good.test\0.evil.test");
        assertThatThrownBy(() -> PeerCertificate.identity(leaf.getCertificate()))
                .hasMessageContaining("control character");
        assertThatThrownBy(() -> PeerCertificate.dnsNames(leaf.getCertificate()))
                .hasMessageContaining("control character");
    }

    @Test
    void sameKeyHasTheSameName() {
        X509Bundle leaf = AUTHORITY.issue("one.test");
        assertThat(PeerCertificate.identity(leaf.getCertificate()))
                .isEqualTo(PeerCertificate.identity(leaf.getCertificate()));
        assertThat(PeerCertificate.identity(AUTHORITY.issue("one.test").getCertificate()))
                .isNotEqualTo(PeerCertificate.identity(leaf.getCertificate()));
    }
}
