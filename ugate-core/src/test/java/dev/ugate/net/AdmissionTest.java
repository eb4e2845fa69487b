package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Ip;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.testing.Changed;
import dev.ugate.testing.FarSide;
import dev.ugate.testing.Wire;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AdmissionTest {
    private static final int CAP = 40;

    private long now = -5;
    private final Admission admission = new Admission(limits(4, 6, 3, 0), CAP, () -> now);

    private static Limits limits(int perSource, int handshakes, int handshakesPerSource, int acceptRate) {
        return Changed.of(
                Limits.STANDARD,
                Map.of(
                        "connectionsPerSource",
                        perSource,
                        "handshakes",
                        handshakes,
                        "handshakesPerSource",
                        handshakesPerSource,
                        "acceptRate",
                        acceptRate));
    }

    @Test
    void countsWhatCameAndWhatIsOpen() {
        Channel first = new EmbeddedChannel();
        admission.admit(first, peer("203.0.113.9"));
        admission.admitProxy(new EmbeddedChannel());
        first.close();
        assertThat(admission.accepted()).isEqualTo(2);
        assertThat(admission.connections()).isEqualTo(1);
    }

    @Test
    void acceptsSoManyASecondOfOneSource() {
        Admission rated = new Admission(limits(100, 100, 100, 3), CAP, () -> now);
        for (int i = 0; i < 3; i++) {
            assertThat(rated.admit(new EmbeddedChannel(), peer("203.0.113.9"))).isEmpty();
        }
        assertThat(rated.admit(new EmbeddedChannel(), peer("203.0.113.9")))
                .hasValueSatisfying(why -> assertThat(why.text()).isEqualTo("limit acceptRate: 3 a second"));
        assertThat(rated.admit(new EmbeddedChannel(), peer("203.0.113.10"))).isEmpty();
        now += 1_000_000_000L;
        assertThat(rated.admit(new EmbeddedChannel(), peer("203.0.113.9"))).isEmpty();
    }

    private static Peer peer(String address) {
        return Peer.of(new InetSocketAddress(Ip.parse(address).orElseThrow(), 4000), Wire.HERE);
    }

    /** Admits one more connection; the text of the refusal or nothing. */
    private String admit(Channel channel, String address) {
        return admission.admit(channel, peer(address)).map(Refused::text).orElse("");
    }

    private Channel settled(String address) {
        Channel channel = new EmbeddedChannel();
        assertThat(admit(channel, address)).isEmpty();
        Admission.settled(channel);
        return channel;
    }

    private boolean penalised(String address) {
        Channel channel = new EmbeddedChannel();
        Optional<Refused> refused = admission.admit(channel, peer(address));
        channel.close();
        refused.ifPresent(why -> assertThat(why.reason()).isEqualTo(Refusal.DENIED));
        return refused.isPresent();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    @Test
    void capsTheConnectionsOfASource() {
        List<Channel> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(settled("198.51.100.1"));
        }
        Channel fifth = new EmbeddedChannel();
        assertThat(admit(fifth, "198.51.100.1")).isEqualTo("limit connectionsPerSource: 4");
        fifth.close();
        assertThat(admit(new EmbeddedChannel(), "198.51.100.2")).isEmpty();
        held.get(0).close();
        settled("198.51.100.1");
    }

    @Test
    void aSourceOfIpv6IsA64() {
        for (int i = 1; i <= 4; i++) {
            settled("2001:db8:0:1::" + i);
        }
        assertThat(admit(new EmbeddedChannel(), "2001:db8:0:1:ffff::1")).isEqualTo("limit connectionsPerSource: 4");
        assertThat(admit(new EmbeddedChannel(), "2001:db8:0:2::1")).isEmpty();
    }

    @Test
    void capsTheHandshakesOfASourceAndOfAll() {
        List<Channel> open = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Channel channel = new EmbeddedChannel();
            assertThat(admit(channel, "198.51.100.1")).isEmpty();
            open.add(channel);
        }
        Channel fourth = new EmbeddedChannel();
        assertThat(admit(fourth, "198.51.100.1")).isEqualTo("limit handshakesPerSource: 3");
        fourth.close();
        for (int i = 0; i < 3; i++) {
            assertThat(admit(new EmbeddedChannel(), "198.51.100.2")).isEmpty();
        }
        assertThat(admission.handshakes()).isEqualTo(6);
        assertThat(admit(new EmbeddedChannel(), "198.51.100.3")).isEqualTo("limit handshakes: 6");
        Admission.settled(open.get(0));
        Admission.settled(open.get(0));
        open.get(1).close();
        assertThat(admission.handshakes()).isEqualTo(5);
        assertThat(admit(new EmbeddedChannel(), "198.51.100.1")).isEmpty();
    }

    @Test
    void sparesLocalPeersAllButTheProcessCap() {
        Peer unix = Peer.of(UnixDomainSocketAddress.of("/run/x.sock"), UnixDomainSocketAddress.of("/run/x.sock"));
        for (int i = 0; i < CAP / 2; i++) {
            assertThat(admission.admit(new EmbeddedChannel(), unix)).isEmpty();
            assertThat(admit(new EmbeddedChannel(), i % 2 == 0 ? "127.0.0.1" : "::1"))
                    .isEmpty();
        }
        for (int i = 0; i < 9; i++) {
            admission.penalise(unix, Refusal.MALFORMED);
            admission.penalise(peer("127.0.0.1"), Refusal.MALFORMED);
        }
        assertThat(admit(new EmbeddedChannel(), "127.0.0.1")).isEmpty();
        assertThat(admission.full()).isTrue();
    }

    @Test
    void everythingIsCountedBackToZero() {
        List<Channel> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Channel channel = new EmbeddedChannel();
            all.add(channel);
            admit(channel, i % 3 == 0 ? "127.0.0.1" : "198.51.100." + i % 7);
            if (i % 2 == 0) {
                Admission.settled(channel);
            }
        }
        all.forEach(Channel::close);
        assertThat(admission.connections()).isZero();
        assertThat(admission.handshakes()).isZero();
        for (int i = 0; i < 4; i++) {
            settled("198.51.100.1");
        }
    }

    @Test
    void aChildSettlesItsConnection() {
        Channel channel = new EmbeddedChannel();
        admit(channel, "198.51.100.1");
        ForeignChannel child = new ForeignChannel(channel, new FarSide());
        Admission.settled(child);
        assertThat(admission.handshakes()).isZero();
    }

    @Test
    void aProxysConnectionCountsForTheSourceItNames() {
        Channel channel = new EmbeddedChannel();
        admission.admitProxy(channel);
        assertThat(Admission.attribute(channel, peer("198.51.100.1"))).isEmpty();
        for (int i = 0; i < 3; i++) {
            settled("198.51.100.1");
        }
        Channel fifth = new EmbeddedChannel();
        admission.admitProxy(fifth);
        assertThat(Admission.attribute(fifth, peer("198.51.100.1"))).isPresent();
        fifth.close();
        channel.close();
        settled("198.51.100.1");
        assertThat(admission.connections()).isEqualTo(4);
    }

    @Test
    void namesASourceOnceAndNotForAClosedConnection() {
        Channel channel = new EmbeddedChannel();
        admission.admitProxy(channel);
        Admission.attribute(channel, peer("198.51.100.1"));
        Admission.attribute(channel, peer("198.51.100.2"));
        channel.close();
        Admission.attribute(channel, peer("198.51.100.3"));
        assertThat(Admission.attribute(new EmbeddedChannel(), peer("198.51.100.3")))
                .isEmpty();
        for (int source = 1; source <= 3; source++) {
            for (int i = 0; i < 4; i++) {
                settled("198.51.100." + source);
            }
        }
    }

    /** L5: not enforced below 15 s, then to its end. */
    @Test
    void enforcesPenaltiesFromFifteenSecondsToTheirEnd() {
        Peer source = peer("198.51.100.1");
        admission.penalise(source, Refusal.MALFORMED);
        admission.penalise(source, Refusal.UNAUTHENTICATED);
        assertThat(penalised("198.51.100.1")).isFalse();
        admission.penalise(source, Refusal.MALFORMED);
        assertThat(penalised("198.51.100.1")).isTrue();
        assertThat(penalised("198.51.100.2")).isFalse();
        pass(Duration.ofSeconds(14));
        assertThat(penalised("198.51.100.1")).isTrue();
        pass(Duration.ofMillis(1001));
        assertThat(penalised("198.51.100.1")).isFalse();
        admission.penalise(source, Refusal.MALFORMED);
        assertThat(penalised("198.51.100.1")).isFalse();
    }

    @Test
    void penaltiesLastTenMinutesAtMost() {
        for (int i = 0; i < 50; i++) {
            admission.penalise(peer("198.51.100.1"), Refusal.INTERNAL);
        }
        pass(Duration.ofSeconds(599));
        assertThat(penalised("198.51.100.1")).isTrue();
        pass(Duration.ofSeconds(2));
        assertThat(penalised("198.51.100.1")).isFalse();
    }

    @Test
    void sweepForgetsNobodyWhoStillHasToWaitOrIsConnected() {
        settled("198.51.100.1");
        for (int i = 0; i < 3; i++) {
            settled("198.51.100.1");
        }
        admission.penalise(peer("198.51.100.2"), Refusal.INTERNAL);
        admission.sweep();
        assertThat(penalised("198.51.100.2")).isTrue();
        assertThat(admit(new EmbeddedChannel(), "198.51.100.1")).isEqualTo("limit connectionsPerSource: 4");
        pass(Duration.ofSeconds(100));
        admission.sweep();
        assertThat(penalised("198.51.100.2")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"DENIED", "NO_ROUTE", "UNRESOLVED", "CONNECTION_REFUSED", "OVERLOADED", "LOOP"})
    void whatIsNoMisbehaviourHasNoPenalty(Refusal reason) {
        for (int i = 0; i < 100; i++) {
            admission.penalise(peer("198.51.100.1"), reason);
        }
        assertThat(penalised("198.51.100.1")).isFalse();
    }

    @Test
    void wakesEveryoneWhoWaitsForRoom() {
        AtomicInteger woken = new AtomicInteger();
        admission.whenRoom(woken::incrementAndGet);
        assertThat(woken).hasValue(1);
        List<Channel> held = new ArrayList<>();
        for (int i = 0; i < CAP + 2; i++) {
            Channel channel = new EmbeddedChannel();
            admit(channel, "127.0.0.1");
            held.add(channel);
        }
        admission.whenRoom(woken::incrementAndGet);
        admission.whenRoom(woken::incrementAndGet);
        held.get(0).close();
        held.get(1).close();
        assertThat(woken).hasValue(1);
        held.get(2).close();
        assertThat(woken).hasValue(3);
        held.get(3).close();
        assertThat(woken).hasValue(3);
    }

    @Test
    void countsRightWhileManyLoopsAdmitAndSweep() throws Exception {
        Admission busy = new Admission(limits(1_000_000, 1_000_000, 1_000_000, 0), 1_000_000, System::nanoTime);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> running = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            running.add(threads.submit(() -> {
                for (int i = 0; i < 5_000; i++) {
                    Channel channel = new EmbeddedChannel();
                    busy.admit(channel, peer("198.51.100." + i % 3));
                    channel.close();
                    busy.sweep();
                }
            }));
        }
        for (Future<?> one : running) {
            one.get();
        }
        threads.shutdown();
        assertThat(busy.connections()).isZero();
        assertThat(busy.handshakes()).isZero();
    }
}
