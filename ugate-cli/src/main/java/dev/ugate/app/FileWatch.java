package dev.ugate.app;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Looks now and then whether files changed that are read again without a reload. */
final class FileWatch {
    /** L44: what a file revokes ends within 5 seconds. */
    private static final long EVERY_SECONDS = 2;

    private final Supplier<List<Path>> files;
    private final Runnable changed;
    private List<String> seen;

    private FileWatch(Supplier<List<Path>> files, Runnable changed) {
        this.files = files;
        this.changed = changed;
        this.seen = stamps(files.get());
    }

    /** Calls {@code changed} on a thread for blocking work when one of the files is not as it was; blocks. */
    static Future<?> of(Supplier<List<Path>> files, Runnable changed, EventExecutor timer) {
        FileWatch watch = new FileWatch(files, changed);
        return timer.scheduleWithFixedDelay(
                () -> {
                    Thread thread = new Thread(watch::look, "file-watch");
                    thread.setDaemon(true);
                    thread.start();
                },
                EVERY_SECONDS,
                EVERY_SECONDS,
                TimeUnit.SECONDS);
    }

    private synchronized void look() {
        List<String> now = stamps(files.get());
        if (!now.equals(seen)) {
            seen = now;
            changed.run();
        }
    }

    private static List<String> stamps(List<Path> files) {
        return files.stream().map(FileWatch::stamp).toList();
    }

    /** A file that was replaced by renaming another over it has another key, whatever its time. */
    private static String stamp(Path file) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return file + " " + now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
        } catch (IOException unreadable) {
            return file + " unreadable";
        }
    }
}
