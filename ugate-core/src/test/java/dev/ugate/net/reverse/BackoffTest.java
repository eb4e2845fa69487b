package dev.ugate.net.reverse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BackoffTest {
    @Test
    void doublesFromOneSecondToThirtyAndBeginsAnew() {
        Backoff backoff = new Backoff(() -> 0.5);
        for (long seconds : new long[] {1, 2, 4, 8, 16, 30, 30}) {
            assertThat(backoff.next()).isEqualTo(seconds * 1000);
        }
        backoff.reset();
        assertThat(backoff.next()).isEqualTo(1000);
    }

    @Test
    void manyDoNotComeAtOnce() {
        assertThat(new Backoff(() -> 0).next()).isEqualTo(800);
        assertThat(new Backoff(() -> 1).next()).isEqualTo(1200);
    }
}
