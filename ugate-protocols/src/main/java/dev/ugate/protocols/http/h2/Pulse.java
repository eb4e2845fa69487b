package dev.ugate.protocols.http.h2;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import dev.ugate.net.Failures;
import dev.ugate.net.Reset;
import dev.ugate.protocols.http.h2.deadline.Alarm;
import dev.ugate.protocols.http.h2.deadline.Deadline;
import dev.ugate.protocols.http.h2.deadline.Lifetime;
import dev.ugate.protocols.http.h2.deadline.Stall;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.spi.Settings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The deadlines of a connection and of its streams, looked at now and then: no stream costs a timer. */
final class Pulse {
    private static final String NOTHING_TAKEN = "nothing was taken";

    /** How long a peer may take to acknowledge settings (RFC 9113 §6.5.3). */
    private static final long ACKNOWLEDGED = Duration.ofSeconds(10).toNanos();

    private static final long SOON = Duration.ofSeconds(1).toNanos();

    /** How often at least whoever is asked for signs of life is looked at, within the silence that it is allowed. */
    private static final int LOOKS = 4;

    private static final long USUAL = Duration.ofSeconds(5).toNanos();

    private final Engine engine;
    private final Settings terms;
    private final Alarm alarm;
    private final Lifetime life;
    private final Deadline head = new Deadline();
    private final Deadline acknowledgement = new Deadline();
    private final Stall stall = new Stall();
    private @Nullable KeepAlive keepAlive;

    Pulse(Engine engine, Settings terms) {
        this.engine = engine;
        this.terms = terms;
        this.alarm = new Alarm(engine.channel().eventLoop(), this::beat);
        this.life = new Lifetime(engine.now());
        acknowledgement.begin(engine.now());
    }

    private Limits.Http2 limits() {
        return terms.limits().http2();
    }

    void start() {
        if (engine.role().isMesh()) {
            Limits.Mesh mesh = terms.limits().mesh();
            keepAlive = new KeepAlive(engine, mesh.meshPing(), mesh.meshPatience());
        }
        alarm.within(SOON);
    }

    /** The peer knows our settings; whether that is news. */
    boolean acknowledged() {
        boolean news = acknowledgement.runs();
        acknowledgement.end();
        return news;
    }

    /** A stream began. */
    void opened() {
        long now = engine.now();
        life.busy(now);
        if (alarm.later(now, USUAL)) {
            alarm.within(USUAL);
        }
        if (engine.streams().seen() >= limits().http2StreamsOfLife()) {
            engine.departure().drain();
        }
    }

    /** A head is here in part. */
    void slowHead() {
        if (!head.runs() && head.begin(engine.now())) {
            alarm.within(SOON);
        }
    }

    void wholeHead() {
        head.end();
    }

    /** Something came from the peer. */
    void heard() {
        if (keepAlive != null) {
            keepAlive.fresh = true;
        }
    }

    void pong(long opaque) {
        if (keepAlive != null) {
            keepAlive.answered(opaque);
        }
    }

    void stop() {
        alarm.stop();
    }

    private void beat() {
        if (engine.departure().taken()) {
            return;
        }
        Failures.run(engine.channel(), this::look);
    }

    private void look() {
        try {
            long now = engine.now();
            check(now);
            if (!engine.departure().taken()) {
                alarm.within(next(now));
            }
        } catch (Violation wrong) {
            engine.departure().fail(wrong);
        }
    }

    private void check(long now) {
        long patience = terms.timeouts().requestHead().toNanos();
        if (engine.isNew() && life.age(now) >= patience || head.missed(now, patience)) {
            throw Violation.limit("requestHead", "no whole head within " + patience / 1_000_000 + "ms");
        }
        if (acknowledgement.missed(now, ACKNOWLEDGED)) {
            throw Violation.fatal(Code.SETTINGS_TIMEOUT, "settings: not acknowledged within 10s");
        }
        long waits = engine.channel().isWritable() ? 0 : engine.channel().bytesBeforeWritable();
        Duration writeStall = terms.timeouts().writeStall();
        if (stall.lasts(waits, now, writeStall.toNanos())) {
            abort(late("writeStall", writeStall, NOTHING_TAKEN), ProxyError.CONNECTION_WRITE_TIMEOUT);
            return;
        }
        if (keepAlive != null && !keepAlive.alive(now)) {
            terms.journal().limited("meshPatience");
            Duration silence = terms.limits().mesh().meshPatience();
            abort(late("meshPatience", silence, "no answer to PING"), ProxyError.CONNECTION_READ_TIMEOUT);
            return;
        }
        if (life.age(now) >= limits().http2Age().toNanos()) {
            engine.departure().drain();
        }
        if (engine.streams().size() > 0) {
            life.busy(now);
            for (H2Stream stream : engine.streams().all()) {
                check(stream, now);
            }
        } else if (life.idle(now) >= limits().http2Idle().toNanos()
                && engine.role().serves()) {
            engine.departure().take(Code.NO_ERROR);
        }
    }

    private void abort(String late, ProxyError error) {
        Refused why = Refused.unanswered(Refusal.TIMED_OUT, late).as(error);
        Reset.because(engine.channel(), why);
        engine.departure().abort(why);
    }

    private static String late(String limit, Duration time, String what) {
        return "http2: limit " + limit + ": " + what + " within " + time.toMillis() + "ms";
    }

    private void check(H2Stream stream, long now) {
        long silent = now - stream.progress();
        if (stream.remote().discards()) {
            return;
        }
        // First whoever can say what is late.
        if (stream.remote().hungry() && (silent >= SOON || stream.remote().patience(now) <= 0)) {
            stream.silent(silent);
        }
        Duration writeStall = terms.timeouts().writeStall();
        if (stream.local().stalled() && silent >= writeStall.toNanos()) {
            String late = late("writeStall", writeStall, NOTHING_TAKEN);
            stream.reset(Code.CANCEL, Refused.because(Refusal.TIMED_OUT, late));
        }
    }

    private long next(long now) {
        if (acknowledgement.runs() || engine.isNew() || head.runs()) {
            return SOON;
        }
        boolean quiet = keepAlive == null && engine.streams().size() == 0 && life.idle(now) > USUAL;
        if (quiet) {
            return Math.max(SOON, limits().http2Idle().toNanos() - life.idle(now));
        }
        return keepAlive == null ? USUAL : Math.min(USUAL, keepAlive.quiet / LOOKS);
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
        private boolean fresh;

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

        /** Asks when it is time to; false when the peer was asked and said nothing at all. */
        boolean alive(long now) {
            if (fresh) {
                // An answer may wait behind much else that the peer has to say.
                fresh = false;
                waits = false;
                heard = now;
            }
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
