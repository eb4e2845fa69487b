package dev.ugate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "0s, 0ms, PT0S",
        "200ms, 200ms, PT0.2S",
        "90s, 90s, PT90S",
        "1m30s, 90s, PT90S",
        "1h0m, 1h, PT1H",
        "1h2m3s4ms, 3723004ms, PT1H2M3.004S",
        "366d, 366d, PT8784H",
    })
    void readsOneNumberOrSeveral(String text, String shortest, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
        assertThat(Durations.text(duration)).isEqualTo(shortest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "s",
                "5 s",
                "-5s",
                "1.5s",
                "5S",
                "1h 30m",
                "1h30",
                "367d",
                "366d1ms",
                "1s1s1s1s1s",
                "1234567890s"
            })
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a duration such as 200ms, 5s or 1h, at most 366d");
    }
}
