package dev.ugate.app.log;

import dev.ugate.spi.Journal.Ended;
import java.time.Instant;

/** One way to write a stream as one line; called on the log's own thread. */
interface AccessLine {
    /** Appends the line without its end; {@code at} is when the stream ended. */
    void write(StringBuilder out, Instant at, Ended stream);
}
