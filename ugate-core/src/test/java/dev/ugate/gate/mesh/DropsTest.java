package dev.ugate.gate.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.gate.mesh.Drop.Reason;
import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class DropsTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may be anywhere, and wrap
    private final List<Drop> logged = new ArrayList<>();
    private final Drops drops = new Drops(now::get, logged::add);

    private static Drop drop(String target, boolean enforced) {
        return new Drop(
                HostPort.parse(target),
                Reason.NO_CARRIER,
                enforced,
                Refused.because(Refusal.UPSTREAM_IDENTITY, "mesh"));
    }

    @Test
    void countsWhatIsRefusedApartFromWhatOnlyWouldBe() {
        drops.accept(drop("db.m:1", true));
        drops.accept(drop("db.m:1", false));
        drops.accept(drop("db.m:1", false));
        assertThat(drops.dropped(Reason.NO_CARRIER)).isEqualTo(1);
        assertThat(drops.audited(Reason.NO_CARRIER)).isEqualTo(2);
        assertThat(drops.audited()).isEqualTo(2);
        assertThat(drops.dropped(Reason.UNRESOLVED)).isZero();
    }

    @Test
    void tellsOfATargetOnceAMinute() {
        for (int i = 0; i < 3; i++) {
            drops.accept(drop("db.m:1", false));
            drops.accept(drop("web.m:1", false));
            drops.accept(drop("refused.m:1", true));
        }
        assertThat(logged).hasSize(2);
        now.addAndGet(Duration.ofSeconds(59).toNanos());
        drops.accept(drop("db.m:1", false));
        assertThat(logged).hasSize(2);
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        drops.accept(drop("db.m:1", false));
        assertThat(logged).hasSize(3);
    }

    @Test
    void manyTargetsAreNoMemory() {
        for (int i = 0; i < 12_000; i++) {
            drops.accept(drop("t" + i + ".m:1", false));
        }
        assertThat(logged).hasSize(10_000);
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        drops.accept(drop("late.m:1", false));
        assertThat(logged).hasSize(10_001);
        assertThat(drops.audited()).isEqualTo(12_001);
    }
}
