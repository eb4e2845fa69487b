package dev.ugate.app.streams;

import java.io.IOException;
import java.io.InputStream;

/** One end of a stream, whatever carries it; a break of it is an {@link IOException} of whoever reads or writes. */
interface Pipe {
    InputStream in();

    void write(byte[] octets, int from, int length) throws IOException;

    /** Says the end of its own direction, and goes on reading. */
    void end() throws IOException;

    /** Ends both directions by force. */
    void reset() throws IOException;

    /** Closes what carries it, without a further word; whether that is an end of its own direction. */
    boolean leave() throws IOException;
}
