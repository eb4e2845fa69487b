package dev.ugate.testing;

import dev.ugate.net.io.TidyLoops;
import io.netty.buffer.ByteBufAllocator;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails every test class after which Netty's leak detector logs a {@code LEAK:} line, or a loop that it was left with sockets; registered
 * for all modules through {@code META-INF/services}.
 */
public final class Leaks implements BeforeAllCallback, AfterAllCallback {

    private static final List<String> SEEN = new CopyOnWriteArrayList<>();

    /** Strong references: java.util.logging holds its loggers weakly, and a collected logger forgets its handlers. */
    private static final List<Logger> DETECTORS = List.of(
            Logger.getLogger("io.netty.util.ResourceLeakDetector"), Logger.getLogger(TidyLoops.class.getName()));

    static {
        for (Logger detector : DETECTORS) {
            detector.setUseParentHandlers(false); // the failure prints the line; LeaksTest leaks on purpose
            detector.addHandler(new Watcher());
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // Nothing to do but to have the handler in place before the first buffer; the class initializer did that.
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        List<String> leaks = collect();
        if (!leaks.isEmpty()) {
            throw new AssertionError("leak in or before " + context.getDisplayName() + ": "
                    + leaks.stream().map(Leaks::way).distinct().toList() + "\n" + String.join("\n", leaks));
        }
    }

    /** Where ugate had the buffer, the last place first, on one line: a summary of CI prints no more of a failure. */
    static String way(String leak) {
        if (leak.indexOf('\n') < 0) {
            return leak;
        }
        return leak.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("dev.ugate."))
                .map(line -> line.replaceFirst(".*\\.(\\w+\\.\\w+)\\((?:.*:)?(.*)\\)$", "$1:$2"))
                .distinct()
                .limit(8)
                .collect(Collectors.joining(" < "));
    }

    /** Collects garbage, lets the detector look at its queue, and returns and forgets what it reported until now. */
    public static synchronized List<String> collect() throws InterruptedException {
        for (int round = 0; round < 2; round++) {
            ReferenceQueue<Object> queue = new ReferenceQueue<>();
            PhantomReference<Object> sentinel = new PhantomReference<>(new Object(), queue);
            System.gc();
            queue.remove(500);
            sentinel.clear();
            ByteBufAllocator.DEFAULT.buffer(1).release();
        }
        List<String> leaks = List.copyOf(SEEN);
        SEEN.clear();
        return leaks;
    }

    /** The detector has more to say than leaks; loops have not. */
    private static final class Watcher extends Handler {
        @Override
        public void publish(LogRecord line) {
            if (line.getMessage().startsWith("LEAK:") || line.getLoggerName().equals(TidyLoops.class.getName())) {
                SEEN.add(line.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
