package dev.ugate.model.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DerTest {
    @ParameterizedTest
    @CsvSource({
        "0,0400",
        "1,0401",
        "127,047f",
        "128,048180",
        "255,0481ff",
        "256,04820100",
        "65535,0482ffff",
        "65536,0483010000"
    })
    void lengthsHaveTheShortestForm(int length, String head) {
        byte[] element = Der.element(Der.OCTET_STRING, new byte[length]);

        assertThat(HexFormat.of().formatHex(element)).startsWith(head);
        assertThat(new DerReader(element).content()).hasSize(length);
    }

    @Test
    void readsOneElementAfterTheOther() {
        DerReader reader = new DerReader(HexFormat.of().parseHex("300a020101030200ff0401aa")).into(Der.SEQUENCE);

        assertThat(reader.tag()).isEqualTo(Der.INTEGER);
        assertThat(reader.whole()).containsExactly(2, 1, 1);
        assertThat(reader.bits()).containsExactly(0xFF);
        assertThat(reader.hasMore()).isTrue();
        assertThat(reader.content()).containsExactly(0xAA);
        assertThat(reader.hasMore()).isFalse();
        assertThat(reader.tag()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "3001", "3080", "308100", "3082ffff", "3084000000017f", "0400", "30847fffffff"})
    void whatDoesNotFitIsRefused(String hex) {
        DerReader reader = new DerReader(HexFormat.of().parseHex(hex));

        assertThatThrownBy(() -> reader.into(Der.SEQUENCE).content())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("der: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0300", "030101", "0400"})
    void bitStringsHaveWholeOctets(String hex) {
        DerReader reader = new DerReader(HexFormat.of().parseHex(hex));

        assertThatThrownBy(reader::bits).isInstanceOf(IllegalArgumentException.class);
    }
}
