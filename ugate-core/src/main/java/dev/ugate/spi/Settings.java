package dev.ugate.spi;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;

/** What every part of the data path may ask: how long, how much, and whom to tell. */
public record Settings(Timeouts timeouts, Limits limits, Http2Limits http2, Journal journal) {
    public Settings(Timeouts timeouts, Limits limits, Journal journal) {
        this(timeouts, limits, Http2Limits.STANDARD, journal);
    }
}
