package dev.ugate.app;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
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

/**
 * One JSON line for each stream and for each connection that failed before it was one. Lines are written by a thread of its own behind
 * a bounded queue; what does not fit is dropped and counted (L80).
 */
final class AccessLog implements Journal, AutoCloseable {
    private static final int QUEUE = 8192;

    private final OutputStream out;
    private final Clock clock;
    private final Queue<Entry> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final Thread writer = new Thread(this::run, "access-log");
    private volatile boolean idle;
    private volatile boolean closed;

    private record Entry(Instant at, Ended stream) {}

    AccessLog(OutputStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
        writer.setDaemon(true);
        writer.start();
    }

    /** Lines that did not fit into the queue. */
    long dropped() {
        return dropped.get();
    }

    @Override
    public void detected(Connection connection, String protocol, Duration waited) {
        // The stream's own line says which protocol it was.
    }

    @Override
    public void failed(Connection connection, String protocol, Refused why) {
        var intent = new Intent(
                protocol,
                connection.peer(),
                UNKNOWN_TARGET,
                Shape.BYTES,
                Map.of());
        ended(new Ended(
                intent,
                connection.ingress().name(),
                "-",
                Optional.empty(),
                Optional.of(why),
                0,
                0,
                Duration.ZERO));
    }

    private static final HostPort UNKNOWN_TARGET = new HostPort("unknown", 0);

    @Override
    public void ended(Ended stream) {
        if (waiting.incrementAndGet() > QUEUE) {
            waiting.decrementAndGet();
            dropped.incrementAndGet();
            return;
        }
        queue.add(new Entry(clock.instant(), stream));
        if (idle) {
            idle = false;
            LockSupport.unpark(writer);
        }
    }

    private void run() {
        StringBuilder lines = new StringBuilder(8192);
        while (true) {
            Entry entry = queue.poll();
            if (entry != null) {
                waiting.decrementAndGet();
                line(lines, entry);
            }
            if (lines.length() > 0 && (entry == null || lines.length() > 6000)) {
                flush(lines);
            }
            if (entry == null) {
                if (closed) {
                    return;
                }
                idle = true;
                if (queue.isEmpty()) {
                    LockSupport.parkNanos(1_000_000_000L);
                }
                idle = false;
            }
        }
    }

    private void flush(StringBuilder lines) {
        try {
            out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            dropped.incrementAndGet();
        }
        lines.setLength(0);
    }

    private static void line(StringBuilder out, Entry entry) {
        Ended stream = entry.stream();
        var intent = stream.intent();
        JsonText json = new JsonText(out);
        json.begin()
                .field("time", entry.at().toString())
                .field("protocol", intent.protocol())
                .field("from", address(intent.peer().remote()))
                .field("to", intent.target() == UNKNOWN_TARGET ? "-" : intent.target().toString())
                .field("via", stream.endpoint().orElse("-"))
                .field("listener", stream.listener())
                .field("route", stream.route())
                .field("identity", intent.peer().identity().map(Identity::name).orElse("-"))
                .field("reason", stream.refused().map(why -> why.reason().label()).orElse("ok"));
        stream.refused().ifPresent(why -> json.field("error", why.text()));
        json.field("bytes_in", stream.bytesIn())
                .field("bytes_out", stream.bytesOut())
                .field("ms", stream.lasted().toMillis())
                .end();
        out.append('\n');
    }

    static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet && !inet.isUnresolved()
                ? new HostPort(Ip.text(inet.getAddress()), inet.getPort()).toString()
                : "unix";
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        try {
            writer.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
