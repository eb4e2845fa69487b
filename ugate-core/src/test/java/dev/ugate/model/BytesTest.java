package dev.ugate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BytesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0B",
        "512, 512, 512B",
        "512B, 512, 512B",
        "64KiB, 65536, 64KiB",
        "64 kib, 65536, 64KiB",
        "1024KiB, 1048576, 1MiB",
        "1536, 1536, 1536B",
        "8388607TiB, 9223370937343148032, 8388607TiB"
    })
    void parsesNumberAndUnit(String text, long count, String shown) {
        assertThat(Bytes.parse(text)).isEqualTo(new Bytes(count)).hasToString(shown);
        assertThat(Bytes.parse(shown)).isEqualTo(new Bytes(count));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "KiB",
                "-1",
                "+1",
                "1.5KiB",
                "64k",
                "64kb",
                "1PiB",
                "1e3",
                "\u0661",
                "8388608TiB",
                "999999999999999TiB",
                "9999999999999999"
            })
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> Bytes.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void saturatesAsAnInt() {
        assertThat(Bytes.parse("4GiB").toInt()).isEqualTo(Integer.MAX_VALUE);
        assertThat(Bytes.kib(64).toInt()).isEqualTo(65_536);
        assertThatThrownBy(() -> new Bytes(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
