package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.model.Identity;
import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.testing.Wire;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RatesTest {
    private long now = -3;
    private final Rates rates = new Rates(() -> now);

    private static Peer peer(String address) {
        return Peer.of(new InetSocketAddress(Ip.parse(address).orElseThrow(), 1), Wire.HERE);
    }

    private int taken(Peer peer, int perSecond, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            try {
                rates.take(peer, perSecond);
                taken++;
            } catch (Refused over) {
                assertThat(over.reason()).isEqualTo(Refusal.OVERLOADED);
                assertThat(over.text()).startsWith("limit streamRate: ");
            }
        }
        return taken;
    }

    @Test
    void zeroIsNoLimit() {
        assertThat(taken(peer("198.51.100.1"), 0, 10_000)).isEqualTo(10_000);
    }

    @Test
    void aSecondsWorthAtOnceThenTheRate() {
        assertThat(taken(peer("198.51.100.1"), 10, 100)).isEqualTo(10);
        now += Duration.ofMillis(250).toNanos();
        assertThat(taken(peer("198.51.100.1"), 10, 100)).isEqualTo(2);
        now += Duration.ofMillis(50).toNanos();
        assertThat(taken(peer("198.51.100.1"), 10, 100)).isEqualTo(1);
        now += Duration.ofHours(1).toNanos();
        assertThat(taken(peer("198.51.100.1"), 10, 100)).isEqualTo(10);
    }

    @Test
    void everyPartyHasItsOwnBucket() {
        assertThat(taken(peer("198.51.100.1"), 5, 9)).isEqualTo(5);
        assertThat(taken(peer("198.51.100.2"), 5, 9)).isEqualTo(5);
        Peer ada = peer("198.51.100.1").withIdentity(new Identity("user:ada", Identity.Proof.PASSWORD));
        assertThat(taken(ada, 5, 9)).isEqualTo(5);
        assertThat(taken(peer("198.51.100.9").withIdentity(ada.identity().orElseThrow()), 5, 9))
                .isZero();
        UnixDomainSocketAddress path = UnixDomainSocketAddress.of("/run/x");
        assertThat(taken(Peer.of(path, path), 5, 9)).isEqualTo(5);
    }

    @Test
    void aSourceOfIpv6IsA64() {
        assertThat(taken(peer("2001:db8:0:1::1"), 5, 9)).isEqualTo(5);
        assertThat(taken(peer("2001:db8:0:1:ffff::2"), 5, 9)).isZero();
        assertThat(taken(peer("2001:db8:0:2::1"), 5, 9)).isEqualTo(5);
        assertThatThrownBy(() -> rates.take(peer("2001:db8:0:1::3"), 5)).hasMessageContaining("2001:db8:0:1::/64");
    }

    @Test
    void aLowerRateHoldsAtOnce() {
        rates.take(peer("198.51.100.1"), 100);
        assertThat(taken(peer("198.51.100.1"), 3, 9)).isEqualTo(3);
    }

    /** An attacker with many addresses must not make the table grow without bound, nor every stream sweep it. */
    @Test
    void newcomersShareABucketWhenTheTableIsFull() {
        for (int i = 0; i < 65_536; i++) {
            rates.take(peer("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255)), 1);
        }
        assertThat(taken(peer("198.51.100.1"), 5, 4) + taken(peer("198.51.100.2"), 5, 4))
                .isEqualTo(5);
        now += Duration.ofSeconds(3).toNanos();
        assertThat(taken(peer("198.51.100.3"), 5, 9)).isEqualTo(5);
        assertThat(taken(peer("198.51.100.4"), 5, 9)).isEqualTo(5);
    }
}
