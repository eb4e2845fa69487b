package dev.ugate.testing;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.ArrayList;
import java.util.List;

/** An allocator that remembers every buffer it gave, so that leaks and greedy allocations are seen at once and not by chance. */
public final class Tally extends AbstractByteBufAllocator {
    private final List<ByteBuf> given = new ArrayList<>();
    private boolean exhausted;

    /** From here on there is no memory for another buffer. */
    public void exhaust() {
        exhausted = true;
    }

    /** Buffers that nobody released. */
    public List<ByteBuf> live() {
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

    private <B extends ByteBuf> B noted(B buffer) {
        if (exhausted) {
            buffer.release();
            throw new OutOfMemoryError("no buffers");
        }
        given.add(buffer);
        return buffer;
    }
}
