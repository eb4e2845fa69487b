package dev.ugate.config.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Ip;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PublicKeyTest {
    private static final byte[] BOB = HexFormat.of()
            .parseHex("04f5501011742f57e03bd900653283a70eb27d1f59b185eeb5ba5c2a4307856a48"
                    + "34be07d6aa7cd6c10d8262678079e9f1436de65a25a7b50d015663881fdfcb69");

    @Test
    void givesIdAndAddressOfThePublishedVector() {
        PublicKey key = new PublicKey(Base64.getEncoder().encodeToString(BOB));

        assertThat(key.id()).hasToString("BVMXJRUH7FVKYBZBXJ7HQVHDIMDO7ADRUUQLYMDU6X7SARNP5OXA");
        assertThat(key.vip()).isEqualTo(Ip.parse("fd00::156:6388:1fdf:cb69").orElseThrow());
        assertThat(key)
                .isEqualTo(new PublicKey(Base64.getEncoder().withoutPadding().encodeToString(BOB)));
    }

    @ParameterizedTest
    @CsvSource({
        "64,public key: 64 bytes: expected 65 that begin with 04",
        "66,public key: 66 bytes: expected 65",
        "0,public key: 0 bytes"
    })
    void refusesOtherLengths(int length, String why) {
        byte[] key = new byte[length];

        assertThatThrownBy(() -> new PublicKey(Base64.getEncoder().encodeToString(key)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(why);
    }

    @Test
    void refusesCompressedPointsAndOtherText() {
        byte[] compressed = BOB.clone();
        compressed[0] = 2;

        assertThatThrownBy(() -> new PublicKey(Base64.getEncoder().encodeToString(compressed)))
                .hasMessageContaining("begin with 04");
        assertThatThrownBy(() -> new PublicKey("?")).hasMessage("public key: not Base64: expected that of 65 bytes");
    }
}
