package dev.ugate.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "*, anything, true",
        "*, 10.0.0.1, true",
        "*.example.com, a.example.com, true",
        "*.example.com, a.b.example.com, true",
        "*.example.com, example.com, false",
        "*.example.com, .example.com, false",
        "*.example.com, aexample.com, false",
        "*.example.com, a.example.com.evil, false",
        "*.EXAMPLE.com, a.example.com, true",
        "*.example.com., a.example.com, true",
        "example.com, example.com, true",
        "Example.com., example.com, true",
        "example.com, a.example.com, false",
        "0x7f.1, 127.0.0.1, true",
        "::ffff:127.0.0.1, 127.0.0.1, true",
        "2001:DB8::0, 2001:db8::, true"
    })
    void matchesHosts(String pattern, String host, boolean matches) {
        assertThat(new Glob(pattern).matches(host)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "*a", "a*", "a.*", "**", "*.*", "*.", "*.*.a", "a.*.b", "*..a", "*.a b", "*.a/b", "a b", "*.a..",
                "ex?mple", "*.[a]"
            })
    void refusesOtherWildcardsAndWhatIsNoName(String pattern) {
        assertThatThrownBy(() -> new Glob(pattern)).isInstanceOfAny(IllegalArgumentException.class, Refused.class);
    }

    @Test
    void oneOfSeveralIsEnough() {
        List<Glob> patterns = List.of(new Glob("a"), new Glob("*.b"));
        assertThat(Glob.any(patterns, "x.b")).isTrue();
        assertThat(Glob.any(patterns, "b")).isFalse();
        assertThat(Glob.any(List.of(), "b")).isFalse();
        assertThat(patterns).extracting(Glob::exact).containsExactly(true, false);
    }
}
