package dev.ugate.net.io;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoHandlerContext;
import io.netty.channel.uring.IoUringIoEvent;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel is asked for as deadlines come and go; {@code LoopsTest} runs the real one. */
final class RingTimerTest {
    private static final String SET = "opcode=11,";
    private static final String CHANGE = "opcode=12,";
    private static final long NONE = -1;

    private final Kernel kernel = new Kernel();
    private final Loop loop = new Loop();
    private final RingTimer timer = new RingTimer();

    @BeforeEach
    void join() {
        timer.join(kernel);
    }

    private long waits(long deadline) {
        loop.deadline = deadline;
        return timer.standIn(loop).deadlineNanos();
    }

    private void fires() {
        kernel.happens(new IoUringIoEvent(-62, 0, (byte) 11, 0L));
    }

    @Test
    void aDeadlineThatStaysIsAskedForOnce() {
        for (int turn = 0; turn < 100; turn++) {
            assertThat(waits(1_000)).isEqualTo(NONE);
        }
        assertThat(kernel.told).singleElement().asString().contains(SET);
    }

    @Test
    void nothingIsAskedForWithoutTasksForLater() {
        assertThat(waits(NONE)).isEqualTo(NONE);
        assertThat(kernel.told).isEmpty();
    }

    @Test
    void anEarlierDeadlineMovesTheTimerAndALaterOneDoesNot() {
        waits(1_000);
        waits(2_000);
        assertThat(kernel.told).hasSize(1);
        waits(500);
        assertThat(kernel.told).hasSize(2);
        assertThat(kernel.told.get(1)).asString().contains(CHANGE).contains("union3=2");
    }

    @Test
    void afterItFiredItIsSetAnew() {
        waits(1_000);
        fires();
        waits(2_000);
        assertThat(kernel.told)
                .hasSize(2)
                .allMatch(operation -> operation.toString().contains(SET));
    }

    @Test
    void aTimerThatFiredWhileItWasMovedIsSetAnew() {
        waits(1_000);
        waits(500);
        fires();
        kernel.happens(new IoUringIoEvent(-2, 0, (byte) 12, 0L));
        waits(500);
        assertThat(kernel.told).hasSize(3).last().asString().contains(SET);
    }

    @Test
    void onceClosedTheRingKeepsTimeItself() {
        waits(1_000);
        timer.close();
        timer.close();
        assertThat(kernel.told).hasSize(2).last().asString().contains(CHANGE).contains("union3=0");
        assertThat(waits(500)).isEqualTo(500);
        assertThat(kernel.told).hasSize(2);
    }

    /** A loop whose next task is due then. */
    private static final class Loop implements IoHandlerContext {
        private long deadline;

        @Override
        public boolean canBlock() {
            return true;
        }

        @Override
        public long delayNanos(long now) {
            return TimeUnit.SECONDS.toNanos(1);
        }

        @Override
        public long deadlineNanos() {
            return deadline;
        }
    }
}
