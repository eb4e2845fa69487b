package dev.ugate.testing;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * An allocator that remembers every buffer it gave, so that leaks and greedy allocations are seen at once and not by chance, and that has
 * no memory when a test says so. For any thread.
 */
public final class Tally extends AbstractByteBufAllocator {
    private final List<ByteBuf> given = new ArrayList<>();
    private long left = Long.MAX_VALUE;
    private long missing;
    private long refused;

    /** From here on there is no memory for another buffer. */
    public void exhaust() {
        exhaust(0, Long.MAX_VALUE);
    }

    /** There is memory for {@code few} more buffers, then none for so many, then again. */
    public synchronized void exhaust(long few, long many) {
        left = few;
        missing = many;
        refused = 0;
    }

    /** There is memory again; how many buffers there was none for. */
    public synchronized long replenish() {
        left = Long.MAX_VALUE;
        return refused;
    }

    /** Buffers that nobody released. */
    public synchronized List<ByteBuf> live() {
        return given.stream().filter(buffer -> buffer.refCnt() > 0).toList();
    }

    /** Bytes of capacity that are held now. */
    public long held() {
        return live().stream().mapToLong(ByteBuf::capacity).sum();
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return noted(new UnpooledHeapByteBuf(this, initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return noted(new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity));
    }

    @Override
    public CompositeByteBuf compositeHeapBuffer(int maxComponents) {
        return noted(new CompositeByteBuf(this, false, maxComponents));
    }

    @Override
    public CompositeByteBuf compositeDirectBuffer(int maxComponents) {
        return noted(new CompositeByteBuf(this, true, maxComponents));
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private synchronized <B extends ByteBuf> B noted(B buffer) {
        if (left <= 0 && refused < missing) {
            refused++;
            buffer.release();
            throw new OutOfMemoryError("no buffers");
        }
        left--;
        given.removeIf(known -> known.refCnt() == 0);
        given.add(buffer);
        return buffer;
    }
}
