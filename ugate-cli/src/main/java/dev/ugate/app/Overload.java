package dev.ugate.app;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;

/**
 * How full memory is: the fuller of network buffers and of the heap as the last collection left it. Above 90 % new streams are refused
 * (L92) until it is below 80 % again (L90), so that live ones keep what they need.
 */
final class Overload {
    private static final double REFUSE = 0.90;
    private static final double RELENT = 0.80;

    private final List<MemoryPoolMXBean> heap = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isCollectionUsageThresholdSupported())
            .toList();
    private boolean overloaded;

    /** Whether new streams must be refused now; the watchdog asks, on its one thread. */
    boolean now() {
        double used = used();
        overloaded = used > (overloaded ? RELENT : REFUSE);
        return overloaded;
    }

    /** 0 to 1. */
    double used() {
        double direct =
                (double) PlatformDependent.usedDirectMemory() / Math.max(1, PlatformDependent.maxDirectMemory());
        double fullest = 0;
        for (MemoryPoolMXBean pool : heap) {
            MemoryUsage left = pool.getCollectionUsage();
            // Young spaces are full by design; only the oldest one, which is the largest, says that nothing can be
            // freed.
            if (left != null && left.getMax() > Runtime.getRuntime().maxMemory() / 2) {
                fullest = Math.max(fullest, (double) left.getUsed() / left.getMax());
            }
        }
        return Math.max(direct, fullest);
    }
}
