package dev.ugate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.spi.Pressure;
import org.junit.jupiter.api.Test;

final class OverloadTest {
    private final Overload overload = new Overload();

    @Test
    void everyLevelOfMemoryAsksForMore() {
        assertThat(overload.level(0.5, 0)).isEqualTo(Pressure.NONE);
        assertThat(overload.level(0.85, 0)).isEqualTo(Pressure.TRIM);
        assertThat(overload.level(0.91, 0)).isEqualTo(Pressure.REFUSE);
        assertThat(overload.level(0.95, 0)).isEqualTo(Pressure.CUT);
        assertThat(Pressure.CUT.atLeast(Pressure.REFUSE)).isTrue();
        assertThat(Pressure.TRIM.atLeast(Pressure.REFUSE)).isFalse();
    }

    @Test
    void refusesUntilMuchIsFree() {
        assertThat(overload.level(0.91, 0)).isEqualTo(Pressure.REFUSE);
        assertThat(overload.level(0.82, 0)).isEqualTo(Pressure.REFUSE);
        assertThat(overload.level(0.79, 0)).isEqualTo(Pressure.NONE);
        assertThat(overload.level(0.82, 0)).isEqualTo(Pressure.NONE);
    }

    @Test
    void aLoopThatStaysLateAsksForRelief() {
        for (int look = 0; look < 3; look++) {
            assertThat(overload.level(0, 0.2)).isEqualTo(Pressure.NONE);
        }
        assertThat(overload.level(0, 0.2)).isEqualTo(Pressure.TRIM);
        assertThat(overload.level(0, 0.05)).isEqualTo(Pressure.NONE);
        for (int look = 0; look < 3; look++) {
            assertThat(overload.level(0, 1.1)).isEqualTo(Pressure.NONE);
        }
        assertThat(overload.level(0, 1.1)).isEqualTo(Pressure.REFUSE);
    }

    @Test
    void knowsHowFullMemoryIs() {
        assertThat(overload.used()).isBetween(0.0, 1.0);
    }
}
