package dev.ugate.spi;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Http2Limits;
import java.util.function.Supplier;

/** What every part of the data path may ask: how long, how much, whom to tell, and how short memory and time are at this moment. */
public record Settings(
        Timeouts timeouts, Limits limits, Http2Limits http2, Journal journal, Supplier<Pressure> pressure) {
    /** Settings of a process with standard limits of HTTP/2 that is never short of anything. */
    public Settings(Timeouts timeouts, Limits limits, Journal journal) {
        this(timeouts, limits, Http2Limits.STANDARD, journal, () -> Pressure.NONE);
    }
}
