package dev.ugate.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Identity;
import dev.ugate.model.Refused;
import dev.ugate.testing.Authority;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(PeerCertificate.identity(leaf.getCertificate()).name()).matches("key:[0-9a-f]{64}");
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

    @ParameterizedTest
    @ValueSource(strings = {"spiffe://a/b", "spiffe://cluster.local/ns/web/sa/shop", "spiffe://a-b.c_d/x.y-z_1"})
    void acceptsSpiffeId(String id) {
        assertThat(PeerCertificate.isSpiffe(id)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spiffe://",
                "spiffe://a",
                "spiffe://a/",
                "spiffe:///b",
                "spiffe://A/b",
                "spiffe://a//b",
                "spiffe://a/b/",
                "spiffe://a/../b",
                "spiffe://a/./b",
                "spiffe://a/%62",
                "spiffe://a:1/b",
                "spiffe://u@a/b",
                "spiffe://a/b?c",
                "spiffe://a/b#c",
                "SPIFFE://a/b",
                "https://a/b"
            })
    void t21RefusesWhatOnlyLooksLikeASpiffeId(String id) {
        assertThat(PeerCertificate.isSpiffe(id)).isFalse();
    }

    @Test
    void refusesSpiffeIdOfMoreThan2048Bytes() {
        assertThat(PeerCertificate.isSpiffe("spiffe://a/" + "b".repeat(2037))).isTrue();
        assertThat(PeerCertificate.isSpiffe("spiffe://a/" + "b".repeat(2038))).isFalse();
    }
}
