package dev.ugate.model.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpiffeIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"spiffe://a/b", "spiffe://cluster.local/ns/web/sa/shop", "spiffe://a-b.c_d/x.y-z_1"})
    void acceptsSpiffeId(String id) {
        assertThat(SpiffeId.isLegal(id)).isTrue();
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
        assertThat(SpiffeId.isLegal(id)).isFalse();
    }

    @Test
    void refusesSpiffeIdOfMoreThan2048Bytes() {
        assertThat(SpiffeId.isLegal("spiffe://a/" + "b".repeat(2037))).isTrue();
        assertThat(SpiffeId.isLegal("spiffe://a/" + "b".repeat(2038))).isFalse();
    }

    @Test
    void tellsItsTrustDomain() {
        assertThat(new SpiffeId("spiffe://cluster.local/ns/web/sa/shop").domain())
                .isEqualTo("cluster.local");
        assertThatThrownBy(() -> new SpiffeId("spiffe://cluster.local"))
                .hasMessage("id 'spiffe://cluster.local': expected spiffe://domain/path");
    }
}
