package dev.ugate.net.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.UncheckedBooleanSupplier;
import org.junit.jupiter.api.Test;

final class ReadsTest {
    static {
        Epoll.ensureAvailability(); // loads what a socket needs
    }

    private double taken;
    private final ExtendedHandle reads = (ExtendedHandle) new Reads(() -> taken).newHandle();

    /** The size of the next buffer, which a fast sender fills whole. */
    private int filled() {
        ByteBuf buffer = reads.allocate(UnpooledByteBufAllocator.DEFAULT);
        int size = buffer.writableBytes();
        buffer.release();
        reads.attemptedBytesRead(size);
        reads.lastBytesRead(size);
        return size;
    }

    private int steady() {
        reads.reset(new EpollSocketChannel().config());
        int size = 0;
        for (int i = 0; i < 20; i++) {
            size = filled();
        }
        reads.readComplete();
        return size;
    }

    @Test
    void growUntilSystemCallsCostLittle() {
        assertThat(filled()).isEqualTo(4096);
        assertThat(steady()).isEqualTo(1 << 20);
    }

    @Test
    void staySmallWhileMemoryIsScarce() {
        taken = 0.6;
        assertThat(steady()).isEqualTo(64 << 10);
        taken = 0.4;
        assertThat(steady()).isEqualTo(1 << 20);
        taken = 0.5;
        assertThat(filled()).isEqualTo(64 << 10);
    }

    @Test
    void endATurnAfterTwo() {
        reads.reset(new EpollSocketChannel().config());
        UncheckedBooleanSupplier more = () -> true;
        filled();
        reads.incMessagesRead(1);
        assertThat(reads.continueReading(more)).isTrue();
        reads.incMessagesRead(1);
        assertThat(reads.continueReading(more)).isFalse();
    }
}
