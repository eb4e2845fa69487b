package dev.ugate.config.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathPatternTest {
    @Test
    void starsStandForCharactersOfOneName() {
        PathPattern pattern = new PathPattern("/run/a*/?.sock");
        assertThat(pattern.matches("/run/app/x.sock")).isTrue();
        assertThat(pattern.matches("/run/a/x.sock")).isTrue();
        assertThat(pattern.matches("/run/app/xy.sock")).isFalse();
        assertThat(pattern.matches("/run/app/b/x.sock")).isFalse();
        assertThat(pattern.matches("/run/x.sock")).isFalse();
        assertThat(new PathPattern("/run/*").matches("/run/..")).isFalse();
        assertThat(new PathPattern("/run/*").matches("/run/a\0b")).isFalse();
    }

    @Test
    void knowsTheFolderThatItSpellsOut() {
        assertThat(new PathPattern("/run/a*/?.sock").base()).isEqualTo("/run");
        assertThat(new PathPattern("/run/a/?.sock").base()).isEqualTo("/run/a");
        assertThat(new PathPattern("/run/a/b").base()).isEqualTo("/run/a");
        assertThat(new PathPattern("/*").base()).isEmpty();
        assertThat(new PathPattern("/run/a/b").isExact()).isTrue();
        assertThat(new PathPattern("/run/*").isExact()).isFalse();
        assertThat(new PathPattern("/run/?").isExact()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "run", "run/a", "/run/", "/run//a", "/run/../a", "/run/./a", "/run/a\n", "/.."})
    void takesPlainPathsOnly(String text) {
        assertThat(PathPattern.isPlain(text)).isFalse();
        assertThatThrownBy(() -> new PathPattern(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isNoLongerThanTheAddressOfASocket() {
        assertThat(PathPattern.isPlain("/" + "a".repeat(106))).isTrue();
        assertThat(PathPattern.isPlain("/" + "a".repeat(107))).isFalse();
        assertThat(PathPattern.isPlain("/" + "é".repeat(60))).isFalse();
    }
}
