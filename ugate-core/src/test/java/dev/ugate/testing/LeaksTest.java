package dev.ugate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.net.io.TidyLoops;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

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

    @Test
    void reportsSocketsThatALoopWasLeftWith() throws InterruptedException {
        Leaks.collect();
        LoggerFactory.getLogger(TidyLoops.class).warn("sockets");
        assertThat(Leaks.collect()).containsExactly("sockets");
    }

    private static void drop() {
        ByteBufAllocator.DEFAULT.buffer(64).writeLong(1);
    }
}
