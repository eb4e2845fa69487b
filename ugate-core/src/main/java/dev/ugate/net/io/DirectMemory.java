package dev.ugate.net.io;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;

/**
 * The memory of network buffers. It is taken in chunks, so that it is full before its last byte is taken; a stream that needs another
 * chunk then ends. {@code packaging/jvm.sh} has Netty take them itself: the JDK would have a loop that finds no memory wait for a
 * collection of all garbage, half a second at each attempt.
 */
public final class DirectMemory {
    /** From this share on, who would hold more of it for somebody who does not read lets them wait. */
    private static final double SCARCE = 0.5;

    private static final long CHUNK =
            (long) PooledByteBufAllocator.defaultPageSize() << PooledByteBufAllocator.defaultMaxOrder();

    private static final double ROOM = Math.max(CHUNK, PlatformDependent.maxDirectMemory() - CHUNK);

    private DirectMemory() {}

    /** What is taken, in bytes. */
    public static long used() {
        return PlatformDependent.usedDirectMemory();
    }

    /** How much is taken of what may be: 1 and more where no other chunk fits. For each read, at the price of one load. */
    public static double share() {
        return used() / ROOM;
    }

    /**
     * What of it is in buffers, in bytes, without the room that chunks still have: one buffer keeps its chunk, so that a load which
     * passed may leave many nearly empty. It asks each chunk, so it is for looks now and then.
     */
    public static long held() {
        PooledByteBufAllocator pool = PooledByteBufAllocator.DEFAULT;
        long room = pool.metric().usedDirectMemory() - pool.pinnedDirectMemory();
        return used() - Math.max(0, room);
    }

    /** How much is held of what may be, as {@link #share} says of what is taken. */
    public static double filled() {
        return held() / ROOM;
    }

    public static boolean isScarce() {
        return isScarce(share());
    }

    static boolean isScarce(double share) {
        return share >= SCARCE;
    }
}
