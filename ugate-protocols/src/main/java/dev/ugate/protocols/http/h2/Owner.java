package dev.ugate.protocols.http.h2;

import dev.ugate.model.Refused;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Violation;

/** What one side makes of one stream: a request and its answer, a tunnel. */
interface Owner {
    /** Another head block: trailers, or an answer. Throws {@link Violation}. */
    void head(HeaderBlock block, boolean end);

    /** Everything that this side says on the stream went out. */
    void said();

    /** The peer reset the stream, or the connection is gone; the channel closes next. */
    void broken(Refused why, boolean untouched);

    /** Whether nothing is missing when the stream breaks now: the peer may want no more of what it is sent, but it has said all. */
    default boolean hasAll() {
        return false;
    }

    /** Whether what the peer had said to its end is read though the stream broke then. */
    default boolean readsOn() {
        return false;
    }

    /** Neither direction moved for so many nanoseconds, or the peer is slow, and somebody waits for it; told now and then. */
    void silent(long nanos);

    /** What the peer is told when the channel closes before both directions ended. */
    Code abandons();
}
