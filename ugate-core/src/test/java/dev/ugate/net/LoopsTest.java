package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LoopsTest {
    @ParameterizedTest
    @EnumSource
    void aBackendThatIsThereIsUsed(Loops.Backend wanted) {
        Loops loops = Loops.start(wanted, 1);
        try {
            boolean there = Loops.isAvailable(wanted);
            assertThat(loops.backend() == wanted).isEqualTo(there);
            assertThat(loops.denied().isPresent()).isEqualTo(wanted == Loops.Backend.IO_URING && !there);
        } finally {
            assertThat(loops.stop(1).awaitUninterruptibly(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void theReasonIsWhatTheKernelSaid() {
        Throwable kernel = new IllegalStateException("io_uring_setup: Operation not permitted");
        assertThat(Loops.reason(new UnsatisfiedLinkError("no library").initCause(kernel)))
                .isEqualTo("io_uring_setup: Operation not permitted");
    }
}
