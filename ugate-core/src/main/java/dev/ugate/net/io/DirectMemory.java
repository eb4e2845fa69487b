package dev.ugate.net.io;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;

/**
 * The memory of network buffers. It is taken in chunks, so that it is full before its last byte is taken; a stream that
 * needs another chunk then ends. {@code packaging/jvm.sh} has Netty take them itself: the JDK would have a loop that finds no memory wait
 * for a collection of all garbage, for half a second at each attempt.
 */
public final class DirectMemory {
    /** From this share on, who would hold more of it for somebody who does not read lets them wait. */
    private static final double SCARCE = 0.5;

    private static final long CHUNK =
            (long) PooledByteBufAllocator.defaultPageSize() << PooledByteBufAllocator.defaultMaxOrder();

    private static final double ROOM = Math.max(CHUNK, PlatformDependent.maxDirectMemory() - CHUNK);

    private DirectMemory() {}

    /** In bytes. */
    public static long used() {
        return PlatformDependent.usedDirectMemory();
    }

    /** How much is taken of what may be: 1 and more where no other chunk fits. */
    public static double share() {
        return used() / ROOM;
    }

    public static boolean isScarce() {
        return isScarce(share());
    }

    static boolean isScarce(double share) {
        return share >= SCARCE;
    }
}
