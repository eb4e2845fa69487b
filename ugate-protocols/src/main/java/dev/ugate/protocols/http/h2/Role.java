package dev.ugate.protocols.http.h2;

import dev.ugate.protocols.http.h2.frame.Violation;

/** What differs between the two ends of a connection. */
interface Role {
    /** Whether the peer begins streams. */
    boolean serves();

    /** Whether the peer came to begin a stream, so that one which begins none is not waited for. */
    boolean awaitsStreams();

    /** Whether the connection carries the tunnels of the mesh. */
    boolean isMesh();

    /** A stream that the peer began. Throws {@link Violation}. */
    void begun(H2Stream stream, HeaderBlock block, boolean end);

    /** The peer's first settings came. */
    default void known() {}

    /** The peer says for the first time that it has our settings (RFC 9113 §6.5.3). */
    default void settled() {}

    /** The peer's settings came, or its GOAWAY, or a stream ended: what can be begun has changed. */
    void changed();

    /** The connection ended with a fault of the peer. */
    void failed(Violation why);
}
