package dev.ugate.protocols.http.h2.frame;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a peer may send ahead. */
final class CreditTest {
    private static final int LEAST = PeerSettings.FIRST_WINDOW;

    @Test
    void comesBackInHalves() {
        Credit credit = new Credit(1000, 1000);
        assertThat(credit.use(1000)).isTrue();
        assertThat(credit.give(499, false)).isZero();
        assertThat(credit.give(1, false)).isEqualTo(500);
        assertThat(credit.use(501)).isFalse();
    }

    @Test
    void whatCameBackBeforeItWasReadDoesNotComeBackAgain() {
        Credit credit = new Credit(1000, 1000);
        assertThat(credit.use(1000)).isTrue();
        assertThat(credit.advance(800)).isEqualTo(800);
        assertThat(credit.give(700, false)).isZero();
        assertThat(credit.use(800)).isTrue();
        assertThat(credit.give(600, false)).isEqualTo(500);
        assertThat(credit.use(501)).isFalse();
    }

    @Test
    void growsWhileTheReaderKeepsUp() {
        Credit credit = new Credit(1000, 3000);
        assertThat(credit.use(500)).isTrue();
        assertThat(credit.give(500, false)).isEqualTo(1500);
        assertThat(credit.use(1000)).isTrue();
        assertThat(credit.give(1000, false)).isEqualTo(2000);
        assertThat(credit.use(3000)).isTrue();
        assertThat(credit.use(1)).isFalse();
    }

    @Test
    void shrinksToTheSmallestWhileMemoryIsShort() {
        int size = 4 * LEAST;
        Credit credit = new Credit(size, size);
        assertThat(credit.use(size)).isTrue();
        assertThat(credit.give(3 * LEAST, true)).as("kept back").isZero();
        assertThat(credit.give(LEAST, true)).isEqualTo(LEAST);
        assertThat(credit.use(LEAST)).isTrue();
        assertThat(credit.use(1)).isFalse();
    }

    @Test
    void growsAgainWhenThereIsMemory() {
        int size = 4 * LEAST;
        Credit credit = new Credit(size, size);
        credit.use(size);
        credit.give(size, true);
        assertThat(credit.use(LEAST)).isTrue();
        assertThat(credit.give(LEAST, false)).isEqualTo(2 * LEAST);
        credit.use(2 * LEAST);
        assertThat(credit.give(2 * LEAST, false)).isEqualTo(4 * LEAST);
    }

    @Test
    void neverHoldsBackTheLastWindow() {
        Credit credit = new Credit(LEAST, LEAST);
        credit.use(LEAST);
        assertThat(credit.give(LEAST, true)).isEqualTo(LEAST);
    }
}
