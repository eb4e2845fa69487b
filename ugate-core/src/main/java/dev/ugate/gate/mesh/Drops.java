package dev.ugate.gate.mesh;

import dev.ugate.gate.mesh.Drop.Reason;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Counts what is dropped at the border, and tells of what only would be: once for each target and minute. Shared by all loops. */
public final class Drops implements Consumer<Drop> {
    private static final long MINUTE = 60_000_000_000L;
    private static final int MAX_TARGETS = 10_000;

    private final LongSupplier nanos;
    private final Consumer<Drop> log;
    private final Map<Reason, LongAdder> dropped = adders();
    private final Map<Reason, LongAdder> audited = adders();
    private final Map<Object, Long> told = new ConcurrentHashMap<>();

    public Drops(LongSupplier nanos, Consumer<Drop> log) {
        this.nanos = nanos;
        this.log = log;
    }

    private static Map<Reason, LongAdder> adders() {
        Map<Reason, LongAdder> adders = new EnumMap<>(Reason.class);
        for (Reason reason : Reason.values()) {
            adders.put(reason, new LongAdder());
        }
        return Collections.unmodifiableMap(adders);
    }

    @Override
    public void accept(Drop drop) {
        count(drop.enforced() ? dropped : audited, drop.reason()).increment();
        if (!drop.enforced() && isNews(drop)) {
            log.accept(drop);
        }
    }

    /** How often something was refused for this. */
    public long dropped(Reason reason) {
        return count(dropped, reason).sum();
    }

    /** How often something was dialled that strict mode would have refused for this. */
    public long audited(Reason reason) {
        return count(audited, reason).sum();
    }

    /** Everything that strict mode would have refused. */
    public long audited() {
        long all = 0;
        for (LongAdder one : audited.values()) {
            all += one.sum();
        }
        return all;
    }

    private static LongAdder count(Map<Reason, LongAdder> counts, Reason reason) {
        return Objects.requireNonNull(counts.get(reason), reason::label);
    }

    private boolean isNews(Drop drop) {
        long now = nanos.getAsLong();
        if (told.size() >= MAX_TARGETS && !told.containsKey(drop.target())) {
            told.values().removeIf(at -> now - at >= MINUTE);
            if (told.size() >= MAX_TARGETS) {
                return false;
            }
        }
        long[] before = {now - MINUTE};
        told.compute(drop.target(), (target, at) -> {
            before[0] = at == null ? before[0] : at;
            return now - before[0] >= MINUTE ? Long.valueOf(now) : at;
        });
        return now - before[0] >= MINUTE;
    }
}
