package dev.ugate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.io.FileInputStream;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockingOperationError;

/** The watcher itself must be able to fail. */
final class BlockingTest {

    private static final MultiThreadIoEventLoopGroup LOOPS =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterAll
    static void stop() {
        LOOPS.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void sleepOnLoopThrows() throws InterruptedException {
        assertThat(onLoop(() -> {
                    Thread.sleep(1);
                    return true;
                }))
                .isInstanceOf(BlockingOperationError.class);
    }

    @Test
    void readingFileOnLoopThrows() throws InterruptedException {
        assertThat(onLoop(() -> {
                    try (FileInputStream file = new FileInputStream("/proc/self/stat")) {
                        return file.read();
                    }
                }))
                .isInstanceOf(BlockingOperationError.class);
    }

    private static Throwable onLoop(Callable<Object> task) throws InterruptedException {
        Future<Object> done = LOOPS.next().submit(task);
        done.await(10, TimeUnit.SECONDS);
        return done.cause();
    }
}
