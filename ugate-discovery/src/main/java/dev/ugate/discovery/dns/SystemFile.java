package dev.ugate.discovery.dns;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a small file of the system says, read again on the blocking pool when it was looked at for some seconds no more; a missing
 * file is an empty one. Never blocks its callers.
 */
final class SystemFile<T> implements Supplier<T> {
    private static final Logger LOG = LoggerFactory.getLogger(SystemFile.class);
    private static final long LOOK_AGAIN = TimeUnit.SECONDS.toNanos(5);

    private final Path path;
    private final Function<List<String>, T> parser;
    private final Executor blocking;
    private final LongSupplier clock;
    private final AtomicLong lastLook;
    private volatile T value;

    SystemFile(Path path, Function<List<String>, T> parser, Executor blocking, LongSupplier clock) {
        this.path = path;
        this.parser = parser;
        this.blocking = blocking;
        this.clock = clock;
        this.lastLook = new AtomicLong(clock.getAsLong());
        this.value = parser.apply(lines());
    }

    @Override
    public T get() {
        long now = clock.getAsLong();
        long last = lastLook.get();
        if (now - last >= LOOK_AGAIN && lastLook.compareAndSet(last, now)) {
            readAgain();
        }
        return value;
    }

    private void readAgain() {
        try {
            blocking.execute(() -> value = parser.apply(lines()));
        } catch (RejectedExecutionException e) {
            LOG.atDebug().addKeyValue("file", path).log("not read again: the pool is full or closed");
        }
    }

    private List<String> lines() {
        try {
            return Files.exists(path) ? Files.readAllLines(path, StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }
}
