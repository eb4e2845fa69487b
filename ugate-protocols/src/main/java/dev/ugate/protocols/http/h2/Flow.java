package dev.ugate.protocols.http.h2;

import dev.ugate.net.io.DirectMemory;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Credit;
import dev.ugate.protocols.http.h2.frame.Floods;
import dev.ugate.protocols.http.h2.frame.Frame;
import dev.ugate.protocols.http.h2.frame.OwnSettings;
import dev.ugate.protocols.http.h2.frame.PeerSettings;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.spi.Pressure;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The windows of a connection and whose turn it is to use what the peer gives: streams that wait take turns, a quantum each. */
final class Flow {
    /** What a stream may send in a turn while others wait: one frame of the mesh, and no second one of nine octets. */
    private static final int QUANTUM = 64 * 1024 - Frame.HEAD;

    private final Engine engine;
    private final OwnSettings own;
    private final Floods floods;
    private final Supplier<Pressure> pressure;
    private final Credit credit;
    private final Queue<H2Stream> waiting = new ArrayDeque<>(2);
    private @Nullable H2Stream turn;
    private int quantum;
    private int window = PeerSettings.FIRST_WINDOW;

    Flow(Engine engine, OwnSettings own, Floods floods, Supplier<Pressure> pressure) {
        this.engine = engine;
        this.own = own;
        this.floods = floods;
        this.pressure = pressure;
        this.credit = new Credit(own.connectionWindow(), own.connectionWindowMost());
    }

    /** Whether memory or time is short, so that windows are to be small (L91). */
    boolean isTight() {
        return pressure.get().atLeast(Pressure.TRIM);
    }

    Credit streamCredit() {
        return new Credit(own.streamWindow(), own.streamWindowMost());
    }

    /** The head of any DATA frame. */
    void received(int octets) {
        if (!credit.use(octets)) {
            throw Violation.fatal(Code.FLOW_CONTROL_ERROR, "data: more than the connection's window");
        }
        if (own.shared() && !engine.departure().taken() && !isTight() && !DirectMemory.isScarce()) {
            open(credit.advance(octets));
        }
    }

    private void open(int octets) {
        if (octets > 0) {
            engine.out().windowUpdate(0, octets);
            engine.flushSoon();
        }
    }

    /** Octets were read, or thrown away; {@code more} is what the stream's own window opens by. */
    void returned(@Nullable H2Stream stream, int octets, int more) {
        if (engine.departure().taken()) {
            return;
        }
        if (stream != null && more > 0) {
            engine.out().windowUpdate(stream.id(), more);
            engine.flushSoon();
        }
        open(credit.give(octets, isTight()));
    }

    /** What a stream may send now. */
    int room(H2Stream stream) {
        if (!engine.channel().isWritable()) {
            engine.flushSoon();
            return 0;
        }
        if (stream == turn) {
            return Math.min(window, quantum);
        }
        return waiting.isEmpty() ? window : 0;
    }

    /** Whether only the peer can make room on the connection. */
    boolean exhausted() {
        return window <= 0;
    }

    void sent(int octets) {
        window -= octets;
        quantum -= octets;
        floods.data(octets);
    }

    /** The stream has more than it could send. */
    void await(H2Stream stream) {
        if (!stream.local().queued()) {
            stream.local().queued(true);
            waiting.add(stream);
        }
    }

    /** The peer opened the window of the connection. */
    void windowUpdate(int octets) {
        long sum = (long) window + octets;
        if (sum > Integer.MAX_VALUE) {
            throw Violation.fatal(Code.FLOW_CONTROL_ERROR, "window update: more than 2^31-1");
        }
        window = (int) sum;
        turns();
    }

    /** Lets those that wait send, in turn, while there is something to give. */
    void turns() {
        while (turn == null && window > 0 && engine.channel().isWritable()) {
            H2Stream next = waiting.poll();
            if (next == null) {
                return;
            }
            next.local().queued(false);
            turn = next;
            quantum = QUANTUM;
            try {
                next.child().resume();
            } finally {
                turn = null;
            }
        }
    }
}
