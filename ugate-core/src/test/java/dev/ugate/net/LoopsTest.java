package dev.ugate.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
}
