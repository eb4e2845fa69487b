package dev.ugate.discovery.dns;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Outcomes by canonical name; read from any thread without waiting, written on the resolver's loop only. */
final class Cache {
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final int max;
    private final DnsCounts counts;

    Cache(int max, DnsCounts counts) {
        this.max = max;
        this.counts = counts;
    }

    @Nullable
    Entry find(String name) {
        return entries.get(name);
    }

    DnsCounts counts() {
        return counts;
    }

    int size() {
        return entries.size();
    }

    void put(String name, Entry entry) {
        entries.put(name, entry);
        if (entries.size() > max) {
            evict(entry.used());
        }
    }

    /** Drops the least recently used sixteenth at once, so that as many insertions share the cost of finding it. */
    private void evict(long now) {
        record Use(String name, long at) {}
        List<Use> uses = entries.entrySet().stream()
                .map(entry -> new Use(entry.getKey(), entry.getValue().used() - now))
                .sorted(Comparator.comparingLong(Use::at))
                .limit(Math.max(1, max / 16))
                .toList();
        for (Use use : uses) {
            entries.remove(use.name());
            counts.add(DnsCounts.Event.EVICTION);
        }
    }
}
