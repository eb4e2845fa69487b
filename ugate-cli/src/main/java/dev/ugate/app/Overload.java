package dev.ugate.app;

import dev.ugate.net.io.DirectMemory;
import dev.ugate.spi.Pressure;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;

/**
 * How full memory is: the fuller of network buffers and of the heap as the last collection left it. From 85 % on what is idle is given
 * back (L91); above 90 % new streams are refused (L92) until it is below 80 % again (L90), so that live ones keep what they need. A loop
 * that is late counts as well (L94).
 */
final class Overload {
    private static final double TRIM = 0.85;
    private static final double REFUSE = 0.90;
    private static final double RELENT = 0.80;
    private static final double CUT = 0.95;

    /** L94: a loop this late, for a second, asks for relief; one that stays later than the second bound takes nothing new. */
    private static final double LATE = 0.1;

    private static final double STUCK = 1;
    private static final int LOOKS = 4;

    private final List<MemoryPoolMXBean> heap = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isCollectionUsageThresholdSupported())
            .toList();
    private boolean refusing;
    private int late;
    private int stuck;

    /** The level for memory {@code used} (0 to 1) and the slowest loop's lag; the watchdog asks, on its one thread, at each look. */
    Pressure level(double used, double lagSeconds) {
        refusing = used > (refusing ? RELENT : REFUSE);
        late = lagSeconds > LATE ? late + 1 : 0;
        stuck = lagSeconds > STUCK ? stuck + 1 : 0;
        if (used >= CUT) {
            return Pressure.CUT;
        }
        if (refusing || stuck >= LOOKS) {
            return Pressure.REFUSE;
        }
        return used >= TRIM || late >= LOOKS ? Pressure.TRIM : Pressure.NONE;
    }

    /** 0 to 1. */
    double used() {
        double fullest = 0;
        for (MemoryPoolMXBean pool : heap) {
            MemoryUsage left = pool.getCollectionUsage();
            // Young spaces are full by design; only the oldest one, which is the largest, says that nothing can be
            // freed.
            if (left != null && left.getMax() > Runtime.getRuntime().maxMemory() / 2) {
                fullest = Math.max(fullest, (double) left.getUsed() / left.getMax());
            }
        }
        return Math.max(DirectMemory.filled(), fullest);
    }
}
