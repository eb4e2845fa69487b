package dev.ugate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;

/** The watcher itself must be able to fail. */
final class LeaksTest {

    @Test
    void everyBufferIsWatched() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    }

    @Test
    void reportsBufferThatNobodyReleased() throws InterruptedException {
        Leaks.collect();
        drop();
        assertThat(Leaks.collect()).anySatisfy(leak -> {
            assertThat(leak).contains("LEAK:");
            assertThat(Leaks.way(leak)).matches("LeaksTest.drop:\\d+ < .*");
        });
    }

    @Test
    void reportsNothingWhenEveryBufferIsReleased() throws InterruptedException {
        Leaks.collect();
        ByteBufAllocator.DEFAULT.buffer(64).release();
        assertThat(Leaks.collect()).isEmpty();
    }

    private static void drop() {
        ByteBufAllocator.DEFAULT.buffer(64).writeLong(1);
    }
}
