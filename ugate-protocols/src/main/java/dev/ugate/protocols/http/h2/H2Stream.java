package dev.ugate.protocols.http.h2;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import dev.ugate.net.Reset;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Half;
import dev.ugate.protocols.http.h2.frame.HeadWriting;
import dev.ugate.protocols.http.h2.frame.LocalHalf;
import dev.ugate.protocols.http.h2.frame.RemoteHalf;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** One stream (RFC 9113 §5): its two directions, its windows, and the channel that its bytes are read from and written to. */
final class H2Stream implements ForeignChannel.Far {
    /** How long a peer may take to see an answer before its request is reset (T39). */
    private static final long MOMENT_MILLIS = 100;

    private final Engine engine;
    private final ForeignChannel child;
    private final RemoteHalf remote;
    private final LocalHalf local = new LocalHalf();
    private @Nullable Owner owner;
    private int id;
    private long progress;
    private boolean closed;

    H2Stream(Engine engine) {
        this.engine = engine;
        this.remote = new RemoteHalf(engine.flow().streamCredit());
        this.child = new ForeignChannel(engine.channel(), this);
        this.progress = engine.now();
        child.lend(engine.channel().eventLoop());
    }

    /** The stream gets its number, and with it the window that the peer's settings give every stream. */
    void open(int number, int peerWindow) {
        id = number;
        local.begin(peerWindow);
    }

    void owner(Owner next) {
        owner = next;
    }

    @Nullable
    Owner owner() {
        return owner;
    }

    int id() {
        return id;
    }

    ForeignChannel child() {
        return child;
    }

    Engine engine() {
        return engine;
    }

    Half in() {
        return remote.half();
    }

    Half out() {
        return local.half();
    }

    RemoteHalf remote() {
        return remote;
    }

    LocalHalf local() {
        return local;
    }

    boolean closed() {
        return closed;
    }

    // What the peer sends.

    /** A further head block on a stream that is not new. */
    void head(HeaderBlock block, boolean end) {
        progress = engine.now();
        if (in().over()) {
            throw Violation.ofStream(Code.STREAM_CLOSED, "headers: the stream's end came before");
        }
        if (owner != null && !remote.discards()) {
            owner.head(block, end);
        } else {
            trailers(block, end);
        }
    }

    /** The head block that ends the peer's direction (RFC 9113 §8.1). */
    void trailers(HeaderBlock block, boolean end) {
        block.check();
        if (!end || block.hasPseudo() || block.tooLarge()) {
            throw HeaderBlock.malformed("trailers: expected the end of the stream, no pseudo-header fields");
        }
        ended(Fin.with(Hop.trailers(block.fields())));
    }

    /** The head of a DATA frame; the whole of it counts. */
    void data(int length) {
        if (in().awaitsHead()) {
            throw Violation.ofStream(Code.PROTOCOL_ERROR, "data: expected headers before it");
        }
        remote.use(length);
    }

    /** Takes content. */
    void content(ByteBuf bytes) {
        int length = bytes.readableBytes();
        progress = engine.now();
        if (remote.discards()) {
            bytes.release();
            returned(length);
            return;
        }
        if (!in().carry(length)) {
            bytes.release();
            returned(length);
            throw Violation.ofStream(Code.PROTOCOL_ERROR, "data: more than content-length");
        }
        remote.hold(length, progress);
        child.offer(bytes);
        touch();
    }

    /** The peer's direction ends. */
    void ended(Fin fin) {
        if (!in().end()) {
            throw Violation.ofStream(Code.PROTOCOL_ERROR, "data: less than content-length");
        }
        if (!remote.discards()) {
            child.offer(fin);
            touch();
        }
        closeIfOver();
    }

    private void touch() {
        if (remote.touch()) {
            engine.touched(this);
        }
    }

    /** Passes on what was read together. */
    void ready() {
        remote.passed();
        child.ready();
    }

    /** Octets that nobody will read: padding, and what comes too late. */
    void returned(int octets) {
        if (octets > 0) {
            boolean wanted = !closed && !remote.discards();
            int more = wanted ? remote.give(octets, engine.flow().isTight()) : 0;
            engine.flow().returned(this, octets, more);
        }
    }

    /** The peer opened the window of the stream. */
    void windowUpdate(int octets) {
        boolean blocked = local.blocked();
        if (!local.widen(octets)) {
            throw Violation.ofStream(Code.FLOW_CONTROL_ERROR, "window update: more than 2^31-1");
        }
        resume(blocked);
    }

    /** The peer changed the first window of every stream; may make it negative (RFC 9113 §6.9.2). */
    void shift(int delta) {
        boolean blocked = local.blocked();
        if (!local.widen(delta)) {
            throw Violation.fatal(Code.FLOW_CONTROL_ERROR, "initial window: more than 2^31-1");
        }
        resume(blocked);
    }

    private void resume(boolean blocked) {
        if (blocked && !local.blocked()) {
            child.resume();
        }
    }

    // What this side sends.

    @Override
    public int write(ByteBuf bytes) {
        int length = bytes.readableBytes();
        if (out().over() || closed || length == 0) {
            return length; // Nobody wants it.
        }
        int room = Math.min(local.window(), engine.flow().room(this));
        int part = Math.min(length, room);
        if (part > 0) {
            if (!out().carry(part)) {
                reset(Code.INTERNAL_ERROR);
                return length;
            }
            local.sent(part);
            engine.flow().sent(part);
            engine.out().data(id, bytes, part);
            progress = engine.now();
        }
        boolean exhausted = local.blocked() || engine.flow().exhausted();
        if (part < length && exhausted && engine.departure().hasPeerEnded()) {
            engine.execute(() -> broken(Departure.gone(), false));
        } else if (part < length && !local.blocked()) {
            engine.flow().await(this);
        }
        return Math.max(part, 0);
    }

    @Override
    public void finish(Fin fin) {
        if (out().over() || closed) {
            return;
        }
        if (!out().end()) {
            reset(Code.INTERNAL_ERROR);
            return;
        }
        var trailers = Hop.trailers(fin.trailers());
        if (trailers.isEmpty() || !HeadWriting.isLegal(trailers)) {
            engine.out().end(id);
        } else {
            HeadWriting.trailers(engine.out(), id, trailers);
        }
        progress = engine.now();
    }

    /** The direction needs no end of its own: its head was all. */
    void finished() {
        out().end();
    }

    @Override
    public void flush() {
        engine.flushSoon();
        if (!remote.discards() && local.says()) {
            closeIfOver();
            if (owner != null) {
                owner.said();
            }
        }
    }

    /** Whoever reads has taken everything. */
    @Override
    public void read() {
        progress = engine.now();
        returned(remote.taken(progress));
    }

    @Override
    public void close() {
        int octets = remote.taken(engine.now());
        if (octets > 0) {
            engine.flow().returned(this, octets, 0);
        }
        if (id == 0) {
            closed = true; // Never begun.
        } else if (!closed && !remote.discards()) {
            // Where the end had to wait for the window, whoever hears that it went out closes before the flush that
            // follows.
            closeIfOver();
            reset(owner == null ? Code.CANCEL : owner.abandons());
        }
    }

    /**
     * Lets go of the channel; what the peer still sends is thrown away, for which its window opens no more. It is told to stop in a
     * moment (RFC 9113 §8.1): some clients lose the end of an answer to a reset right behind it.
     */
    void discard() {
        remote.discard();
        child.close();
        closeIfOver();
        if (!closed) {
            engine.schedule(() -> reset(Code.NO_ERROR), MOMENT_MILLIS);
        }
    }

    /** Ends the stream from this side (RFC 9113 §6.4). */
    void reset(Code code) {
        if (!closed) {
            engine.out().reset(id, code);
            engine.flushSoon();
            over(true);
            // Not now: this may be a call from inside of the channel's own write.
            engine.execute(child::lost);
        }
    }

    /** The same, for a reason that whatever it carries ends for, too. */
    void reset(Code code, Refused why) {
        Reset.because(child, why);
        reset(code);
    }

    /** The peer broke a rule of the stream. */
    void violated(Violation wrong) {
        Owner last = owner;
        Refused why = Refused.because(Refusal.UNREACHABLE, wrong.why().text()).as(ProxyError.HTTP_PROTOCOL_ERROR);
        reset(wrong.code(), engine.role().serves() ? wrong.why() : why);
        if (last != null) {
            last.broken(why, false);
        }
    }

    /** The peer, whose direction is over, wants no more of this one (RFC 9113 §8.1); what it said is still there to be read. */
    void unwanted() {
        if (!closed) {
            over(false);
        }
    }

    /** Ends it without a word: the peer reset it, or the connection is gone. */
    void broken(Refused why, boolean untouched) {
        Owner last = owner;
        if (last != null && last.hasAll()) {
            unwanted();
            return;
        }
        if (!closed) {
            over(false);
            if (last != null) {
                last.broken(why, untouched);
            }
        }
        if (last != null && last.readsOn()) {
            child.lostOnceRead();
        } else {
            child.lost();
        }
    }

    private void closeIfOver() {
        if (in().over() && out().over() && !closed) {
            over(false);
        }
    }

    private void over(boolean byUs) {
        closed = true;
        engine.over(this, byUs);
    }

    // What the connection asks.

    /** Was silent for so many nanoseconds. */
    void silent(long nanos) {
        if (owner != null) {
            owner.silent(nanos);
        }
    }

    /** When anything last went either way, in nanoseconds. */
    long progress() {
        return progress;
    }
}
