package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.HostPort;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class EjectionsTest {
    private static final HostPort X = new HostPort("x.test", 1);

    private long now = Long.MAX_VALUE - 1_000;
    private final Ejections ejections = new Ejections(() -> now);

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            ejections.failed(X);
        }
    }

    private Duration rest() {
        long begun = now;
        while (ejections.ejected(X)) {
            now += Duration.ofMillis(100).toNanos();
        }
        return Duration.ofNanos(now - begun);
    }

    /** L95: five failures, then 1 s doubling to 30 s. */
    @Test
    void restsLongerEachTimeUpToHalfAMinute() {
        fail(4);
        assertThat(ejections.ejected(X)).isFalse();
        fail(1);
        assertThat(ejections.count()).isOne();
        for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            assertThat(rest()).isEqualTo(Duration.ofSeconds(seconds));
            fail(1);
        }
    }

    @Test
    void oneSuccessForgives() {
        fail(9);
        ejections.succeeded(X);
        assertThat(ejections.ejected(X)).isFalse();
        fail(4);
        assertThat(ejections.ejected(X)).isFalse();
    }

    /** A hundred dials that fail together are one outage, not a reason to rest for the longest time. */
    @Test
    void dialsThatWereUnderWayDoNotLengthenTheRest() {
        fail(100);
        assertThat(rest()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void anActiveCheckDecidesUntilTheNext() {
        ejections.checked(X, false, Duration.ofHours(2));
        assertThat(ejections.ejected(X)).isTrue();
        now += Duration.ofHours(1).toNanos();
        ejections.succeeded(X);
        assertThat(ejections.ejected(X)).isTrue();
        ejections.checked(X, true, Duration.ofHours(2));
        assertThat(ejections.ejected(X)).isFalse();
        assertThat(ejections.count()).isZero();
    }

    /** A route that asked for checks may be gone after a reload, and its endpoint stay. */
    @Test
    void aVerdictThatNobodyRenewsIsForgotten() {
        ejections.checked(X, false, Duration.ofSeconds(15));
        now += Duration.ofSeconds(14).toNanos();
        ejections.checked(X, false, Duration.ofSeconds(15));
        now += Duration.ofSeconds(14).toNanos();
        assertThat(ejections.ejected(X)).isTrue();
        now += Duration.ofSeconds(2).toNanos();
        assertThat(ejections.ejected(X)).isFalse();
        assertThat(ejections.count()).isZero();
    }

    @Test
    void rememberedEndpointsAreBounded() {
        for (int i = 0; i < 20_000; i++) {
            HostPort other = new HostPort("h" + i + ".test", 1);
            for (int k = 0; k < 5; k++) {
                ejections.failed(other);
            }
        }
        assertThat(ejections.count()).isEqualTo(10_000);
    }
}
