package dev.ugate.app;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.ugate.model.Limits;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;

/** How many connections the process may hold, from its file-descriptor limit (L1, L2). */
record FdBudget(long limit, long open, long reserve) {
    private static final long UNLIMITED = 1 << 20;

    /** What the kernel grants this process now. */
    static FdBudget now(Limits limits) {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        if (!(system instanceof UnixOperatingSystemMXBean unix)) {
            return new FdBudget(UNLIMITED, 0, limits.fdReserve());
        }
        long limit = Math.min(unix.getMaxFileDescriptorCount(), UNLIMITED);
        long reserve = limits.fdReserve() > 0 ? limits.fdReserve() : Math.max(64, limit / 10);
        return new FdBudget(limit, unix.getOpenFileDescriptorCount(), reserve);
    }

    /** Two descriptors a connection; the configured number, or 40 % of the limit, but never more than fit beside the reserve. */
    int connections(Limits limits) {
        long wanted = limits.connections() > 0 ? limits.connections() : limit * 2 / 5;
        long fit = (limit - open - reserve) / 2;
        return (int) Math.max(4, Math.min(wanted, fit));
    }
}
