package dev.ugate.protocols.http.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import org.junit.jupiter.api.Test;

/** 240 octets a second, and ten seconds of grace. */
final class PaceTest {
    private static final long SECOND = 1_000_000_000L;

    private final Pace pace = new Pace(Limits.STANDARD, Timeouts.STANDARD);

    @Test
    void silentClientHasTheGrace() {
        assertThat(pace.left(5)).isEqualTo(10 * SECOND);
        assertThat(pace.left(5 + 4 * SECOND)).isEqualTo(6 * SECOND);
        assertThat(pace.left(5 + 10 * SECOND)).isZero();
    }

    @Test
    void bytesPayForTime() {
        pace.left(0);
        pace.moved(480, 4 * SECOND);
        assertThat(pace.left(4 * SECOND)).isEqualTo(8 * SECOND);
    }

    @Test
    void t46ClientThatDribblesIsLateThoughItNeverStalls() {
        long left = pace.left(0);
        int seconds = 0;
        while (left > 0) {
            seconds++;
            pace.moved(100, seconds * SECOND);
            left = pace.left(seconds * SECOND);
        }
        assertThat(seconds).isBetween(17, 18);
    }

    @Test
    void hasteSavesUpForOneStall() {
        pace.left(0);
        pace.moved(1 << 30, SECOND);
        assertThat(pace.left(SECOND)).isEqualTo(70 * SECOND);
        assertThat(pace.left(61 * SECOND)).isEqualTo(10 * SECOND);
    }

    @Test
    void timeInWhichNobodyReadsIsFree() {
        pace.left(0);
        pace.rests(SECOND);
        assertThat(pace.left(100 * SECOND)).isEqualTo(9 * SECOND);
    }
}
