package dev.ugate.protocols.http.h2;

import dev.ugate.model.Limits;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.spi.Settings;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The deadlines of a connection and of its streams, looked at now and then: no stream costs a timer. */
final class Pulse {
    /** How long a peer may take to acknowledge settings (RFC 9113 §6.5.3). */
    private static final long ACKNOWLEDGED = Duration.ofSeconds(10).toNanos();

    /** How long an answered peer may still send of its request (T39). */
    private static final long DROPS = Duration.ofSeconds(1).toNanos();

    private static final long SOON = Duration.ofSeconds(1).toNanos();
    private static final long USUAL = Duration.ofSeconds(5).toNanos();

    private final Engine engine;
    private final Settings terms;
    private final Limits.Http2 limits;
    private final long born;
    private @Nullable Future<?> timer;
    private long timerDue;
    private long busy;
    private long headSince;
    private @Nullable KeepAlive keepAlive;
    private long pending;
    private long pendingSince;
    private boolean headBegun;
    private boolean acknowledged;

    Pulse(Engine engine, Settings terms) {
        this.engine = engine;
        this.terms = terms;
        this.limits = terms.limits().http2();
        this.born = engine.now();
        this.busy = born;
    }

    int headBytes() {
        return terms.limits().headBytes().toInt();
    }

    void start() {
        wake(SOON);
    }

    void acknowledged() {
        acknowledged = true;
    }

    void opened() {
        busy = engine.now();
        if (timerDue - busy > USUAL) {
            wake(USUAL);
        }
    }

    /** A head is here in part. */
    void slowHead() {
        if (!headBegun) {
            headBegun = true;
            headSince = engine.now();
            wake(SOON);
        }
    }

    void wholeHead() {
        headBegun = false;
    }

    /** A stream waits for the rest of a request that nobody wants. */
    void drops() {
        wake(SOON);
    }

    /** Asks the peer for a sign of life after {@code quiet}, and gives the connection up after {@code patience} without one (L27). */
    void keepAlive(Duration quiet, Duration patience) {
        keepAlive = new KeepAlive(engine, quiet, patience);
        wake(SOON);
    }

    void pong(long opaque) {
        if (keepAlive != null) {
            keepAlive.answered(opaque);
        }
    }

    void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void wake(long wait) {
        long due = engine.now() + wait;
        if (timer != null && timerDue - due <= 0) {
            return;
        }
        stop();
        timerDue = due;
        timer = engine.channel().eventLoop().schedule(this::beat, wait, TimeUnit.NANOSECONDS);
    }

    private void beat() {
        timer = null;
        if (engine.departed()) {
            return;
        }
        try {
            long now = engine.now();
            check(now);
            if (!engine.departed()) {
                wake(next(now));
            }
        } catch (Violation wrong) {
            engine.fail(wrong);
        }
    }

    private void check(long now) {
        long head = terms.timeouts().requestHead().toNanos();
        if (engine.isNew() && now - born >= head || headBegun && now - headSince >= head) {
            throw Violation.limit("requestHead", "no whole head within " + head / 1_000_000 + "ms");
        }
        if (!acknowledged && now - born >= ACKNOWLEDGED) {
            throw Violation.fatal(Code.SETTINGS_TIMEOUT, "settings: not acknowledged within 10s");
        }
        long waits = engine.channel().isWritable() ? 0 : engine.channel().bytesBeforeWritable();
        if (waits == 0 || waits != pending) {
            pending = waits;
            pendingSince = now;
        } else if (now - pendingSince >= terms.timeouts().writeStall().toNanos()) {
            engine.abort();
            return;
        }
        if (keepAlive != null && !keepAlive.alive(now)) {
            engine.abort();
            return;
        }
        if (now - born >= limits.http2Age().toNanos()) {
            engine.drain();
        }
        if (engine.streams().size() > 0) {
            busy = now;
            for (H2Stream stream : engine.streams().all()) {
                check(stream, now);
            }
        } else if (now - busy >= limits.http2Idle().toNanos() && engine.role().serves()) {
            engine.leave(Code.NO_ERROR);
        }
    }

    private void check(H2Stream stream, long now) {
        long silent = now - stream.progress();
        if (stream.discards()) {
            if (silent >= DROPS) {
                stream.reset(Code.NO_ERROR);
            }
        } else if (stream.stalled() && silent >= terms.timeouts().writeStall().toNanos()) {
            stream.reset(Code.CANCEL);
        } else if (stream.hungry() && silent >= SOON) {
            stream.silent(silent);
        }
    }

    private boolean discards() {
        return engine.streams().all().stream().anyMatch(H2Stream::discards);
    }

    private long next(long now) {
        if (!acknowledged || engine.isNew() || headBegun || discards()) {
            return SOON;
        }
        boolean quiet = keepAlive == null && engine.streams().size() == 0 && now - busy > USUAL;
        return quiet ? Math.max(SOON, limits.http2Idle().toNanos() - (now - busy)) : USUAL;
    }

    /** PINGs that show whether the peer is still there (L27). */
    private static final class KeepAlive {
        private static final long MARK = 0x616C_6976_6500L;

        private final Engine engine;
        private final long quiet;
        private final long patience;
        private long heard;
        private long asked;
        private boolean waits;

        KeepAlive(Engine engine, Duration quiet, Duration patience) {
            this.engine = engine;
            this.quiet = quiet.toNanos();
            this.patience = patience.toNanos();
            this.heard = engine.now();
        }

        void answered(long opaque) {
            if (opaque == MARK) {
                waits = false;
                heard = engine.now();
            }
        }

        /** Asks when it is time to; false when the peer was asked and did not answer. */
        boolean alive(long now) {
            if (waits) {
                return now - asked < patience;
            }
            if (now - heard >= quiet) {
                waits = true;
                asked = now;
                engine.out().ping(MARK, false);
                engine.flushSoon();
            }
            return true;
        }
    }
}
