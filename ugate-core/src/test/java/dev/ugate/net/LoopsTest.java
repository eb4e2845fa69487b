package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LoopsTest {
    private final Loops loops = Loops.start(Loops.Backend.NIO, 2);
    private final Promise<String> first = loops.next().newPromise();
    private final Promise<Void> second = loops.next().newPromise();

    @AfterEach
    void stop() {
        loops.stop(1).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    private static void ends(Future<?> future) {
        assertThat(future.awaitUninterruptibly(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void allAreDoneWithTheLast() {
        Future<?> all = loops.all(List.of(first, second));
        second.setSuccess(null);
        ends(second);
        assertThat(all.isDone()).isFalse();
        first.setSuccess("done");
        ends(all);
        assertThat(all.isSuccess()).isTrue();
    }

    @Test
    void allHaveFailedWhereOneFailedWhenTheRestIsDone() {
        Future<?> all = loops.all(List.of(first, second));
        IllegalStateException why = new IllegalStateException("told");
        first.setFailure(why);
        assertThat(all.isDone()).isFalse();
        second.setSuccess(null);
        ends(all);
        assertThat(all.cause()).isSameAs(why);
    }

    @Test
    void noneAreDoneAtOnce() {
        Future<?> all = loops.all(List.of());
        ends(all);
        assertThat(all.isSuccess()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aBackendThatIsThereIsUsed(Loops.Backend wanted) {
        Loops started = Loops.start(wanted, 1);
        try {
            boolean there = Loops.isAvailable(wanted);
            assertThat(started.backend() == wanted).isEqualTo(there);
            assertThat(started.denied().isPresent()).isEqualTo(wanted == Loops.Backend.IO_URING && !there);
        } finally {
            assertThat(started.stop(1).awaitUninterruptibly(20, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    @Test
    void theReasonIsWhatTheKernelSaid() {
        Throwable kernel = new IllegalStateException("io_uring_setup: Operation not permitted");
        assertThat(Loops.reason(new UnsatisfiedLinkError("no library").initCause(kernel)))
                .isEqualTo("io_uring_setup: Operation not permitted");
    }
}
