package dev.ugate.app.log;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Journal;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each stream and for each connection that failed before it was one. Lines are written by a thread of its own behind
 * a bounded queue; what does not fit is dropped and counted (L80).
 */
public final class AccessLog implements Journal, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    private static final HostPort UNKNOWN_TARGET = new HostPort("unknown", 0);
    private static final int QUEUE = 8192;
    private static final int CHUNK = 6000;
    private static final long IDLE_NANOS = 1_000_000_000L;
    private static final long GATHER_NANOS = 20_000_000L;
    private static final long CLOSE_MILLIS = 1_000;

    private final Target target;
    private final Queue<Entry> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final Thread writer = new Thread(this::run, "access-log");
    private volatile boolean idle;
    private volatile boolean closed;

    private record Target(OutputStream out, Clock clock, AccessLine form) {}

    private record Entry(Instant at, Ended stream) {}

    /** {@code out} is written on the log's own thread and stays open. */
    AccessLog(OutputStream out, Clock clock, AccessLine form) {
        this.target = new Target(out, clock, form);
        writer.setDaemon(true);
        writer.start();
    }

    /** Lines that did not fit into the queue or could not be written. */
    public long dropped() {
        return dropped.get();
    }

    @Override
    public void detected(Connection connection, String protocol, Duration waited) {
        // The stream's own line says which protocol it was.
    }

    @Override
    public void failed(Connection connection, String protocol, Refused why, Told told) {
        var intent = new Intent(protocol, connection.peer(), UNKNOWN_TARGET, Shape.BYTES, Map.of());
        ended(new Ended(
                intent,
                connection.ingress().name(),
                "-",
                Optional.empty(),
                Optional.of(why),
                0,
                told.bytes(),
                Duration.ZERO,
                told.status() == 0 ? Optional.empty() : Optional.of(new Answered(told.status(), Duration.ZERO)),
                1));
    }

    @Override
    public void ended(Ended stream) {
        if (waiting.incrementAndGet() > QUEUE) {
            waiting.decrementAndGet();
            dropped.incrementAndGet();
            return;
        }
        queue.add(new Entry(target.clock().instant(), stream));
        if (idle) {
            idle = false;
            LockSupport.unpark(writer);
        }
    }

    private void run() {
        StringBuilder lines = new StringBuilder(CHUNK + 2000);
        int count = 0;
        while (true) {
            Entry entry = queue.poll();
            if (entry != null) {
                waiting.decrementAndGet();
                count += added(lines, entry);
            }
            if (count > 0 && (entry == null || lines.length() > CHUNK)) {
                flush(lines, count);
                count = 0;
            }
            if (entry == null) {
                if (closed) {
                    return;
                }
                idle = true;
                if (queue.isEmpty()) {
                    LockSupport.parkNanos(IDLE_NANOS);
                }
                idle = false;
                if (!closed) {
                    // Lines that come together are written together: waking up for each would cost the loops more than
                    // the line.
                    LockSupport.parkNanos(GATHER_NANOS);
                }
            }
        }
    }

    /** One line more, or none and a bug told: the thread must outlive a line that cannot be written. */
    private int added(StringBuilder lines, Entry entry) {
        int before = lines.length();
        try {
            target.form().write(lines, entry.at(), entry.stream());
            lines.append('\n');
            return 1;
        } catch (RuntimeException bug) {
            lines.setLength(before);
            dropped.incrementAndGet();
            LOG.atError().setCause(bug).log("bug");
            return 0;
        }
    }

    private void flush(StringBuilder lines, int count) {
        try {
            target.out().write(lines.toString().getBytes(StandardCharsets.UTF_8));
            target.out().flush();
        } catch (IOException e) {
            dropped.addAndGet(count);
        }
        lines.setLength(0);
    }

    /** Whether this is a connection that ended before it had an intent. */
    static boolean isUnknown(Intent intent) {
        return intent.target() == UNKNOWN_TARGET;
    }

    /** The address as text, {@code unix} for a local socket. */
    public static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet && !inet.isUnresolved()
                ? new HostPort(Ip.text(inet.getAddress()), inet.getPort()).toString()
                : "unix";
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
