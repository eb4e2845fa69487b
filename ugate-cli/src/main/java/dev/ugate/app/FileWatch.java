package dev.ugate.app;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Looks now and then whether files changed that are read again without a reload. */
final class FileWatch implements AutoCloseable {
    private static final long EVERY_SECONDS = 5;

    private final Future<?> timer;

    private FileWatch(Future<?> timer) {
        this.timer = timer;
    }

    /** Calls {@code look} on a thread for blocking work every few seconds. */
    static FileWatch of(Runnable look, EventExecutor timer) {
        return new FileWatch(timer.scheduleWithFixedDelay(
                () -> {
                    Thread thread = new Thread(look, "file-watch");
                    thread.setDaemon(true);
                    thread.start();
                },
                EVERY_SECONDS,
                EVERY_SECONDS,
                TimeUnit.SECONDS));
    }

    @Override
    public void close() {
        timer.cancel(false);
    }
}
