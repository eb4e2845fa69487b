package dev.ugate.protocols.http.h1;

import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.semantics.Pace;
import dev.ugate.protocols.http.wire.BodyFraming;
import dev.ugate.protocols.http.wire.BodyReader;
import dev.ugate.protocols.http.wire.Incoming;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/** The body of one request as it comes in: where it ends, how fast it comes, and what of it was thrown away. */
final class RequestBody {
    /** What an answered client may still send of it (T39). */
    private static final int MAX_DRAINED = 64 * 1024;

    private final BodyReader reader;
    private final Pace pace;
    private final boolean measured;
    private long drained;

    RequestBody(BodyFraming framing, Pace pace) {
        this.reader = BodyReader.of(framing);
        this.measured = framing.length() >= 0;
        this.pace = pace;
    }

    /** Whether its length is known. */
    boolean measured() {
        return measured;
    }

    boolean done() {
        return reader.done();
    }

    Fields trailers() {
        return reader.trailers();
    }

    /** Whether an answered client may send all that is to come. */
    boolean fewToDrain() {
        return done() || reader.left() <= MAX_DRAINED;
    }

    /** Whether an answered client has sent more than it may. */
    boolean overdrawn() {
        return drained > MAX_DRAINED;
    }

    /** Consumes what belongs to the body and gives its content; throws {@code Rejected}. */
    void read(Incoming<?> incoming, Consumer<ByteBuf> sink, long now) {
        int before = incoming.readable();
        incoming.body(reader, sink);
        pace.moved(before - incoming.readable(), now);
    }

    /** Consumes what belongs to the body and throws it away. */
    void drain(Incoming<?> incoming) {
        incoming.body(reader, content -> {
            drained += content.readableBytes();
            content.release();
        });
    }

    /**
     * Nanoseconds that may pass without a byte of it (L17). It may be {@code free}: nobody said 100 yet, or an answer began, and then a
     * body of unknown length may be one half of a conversation, which has a pace of its own.
     */
    long patience(boolean free, long now) {
        if (free) {
            pace.rests(now);
            return Long.MAX_VALUE;
        }
        return pace.left(now);
    }

    /** Whoever reads it has not caught up. */
    void rests(long now) {
        pace.rests(now);
    }
}
