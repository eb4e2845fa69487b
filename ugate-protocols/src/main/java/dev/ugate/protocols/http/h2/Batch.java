package dev.ugate.protocols.http.h2;

import dev.ugate.protocols.http.h2.frame.FrameWriter;
import java.util.ArrayList;
import java.util.List;

/** What is passed on together, as it was read together, and the frames that go out together at the end of that or of a turn of the loop. */
final class Batch {
    private final Engine engine;
    private final FrameWriter out;
    private final List<Runnable> beginnings = new ArrayList<>();
    private final List<H2Stream> touched = new ArrayList<>();
    private boolean reading;
    private boolean flushes;
    private boolean turning;

    Batch(Engine engine) {
        this.engine = engine;
        this.out = new FrameWriter(engine.channel());
    }

    FrameWriter out() {
        return out;
    }

    /** Something is read, and more may follow. */
    void begin() {
        reading = true;
    }

    /** Lets something begin once everything that came with it is read: what is taken back by then has cost nobody anything (T50, T51). */
    void begins(Runnable beginning) {
        if (reading) {
            beginnings.add(beginning);
        } else {
            beginning.run();
        }
    }

    /** The stream has something new for its reader. */
    void touched(H2Stream stream) {
        touched.add(stream);
        if (!reading) {
            ready();
        }
    }

    private void ready() {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).ready();
        }
        touched.clear();
    }

    /** All that was there is read. */
    void end() {
        for (int i = 0; i < beginnings.size(); i++) {
            beginnings.get(i).run();
        }
        beginnings.clear();
        ready();
        reading = false;
    }

    /** The connection is over in the midst of what is read: nothing begins any more, but what came whole is there to be read. */
    void abandon() {
        beginnings.clear();
        ready();
        reading = false;
    }

    /** Sends what was written, at the end of what is read now, or of this turn of the loop. */
    void flushSoon() {
        if (!reading && !flushes) {
            flushes = true;
            engine.execute(this::flushNow);
        }
    }

    private void flushNow() {
        flushes = false;
        if (!engine.departure().taken()) {
            flush();
        }
    }

    /** Sends what was written; nothing more follows on a connection that is to end and has no streams. */
    void flush() {
        out.flush();
        engine.departure().takeIfIdle();
    }

    /** The connection takes more: those that wait get their turns. */
    void writable() {
        if (!turning) {
            turning = true;
            // Not now: this may be a call from inside of a stream's own write.
            engine.execute(this::turns);
        }
    }

    private void turns() {
        turning = false;
        if (!engine.departure().taken()) {
            engine.flow().turns();
        }
    }
}
