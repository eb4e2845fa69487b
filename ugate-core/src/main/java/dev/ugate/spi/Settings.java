package dev.ugate.spi;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import java.util.function.Supplier;

/** What every part of the data path may ask: how long, how much, whom to tell, and how short memory and time are at this moment. */
public record Settings(Timeouts timeouts, Limits limits, Journal journal, Supplier<Pressure> pressure) {
    /** Settings of a process that is never short of anything. */
    public Settings(Timeouts timeouts, Limits limits, Journal journal) {
        this(timeouts, limits, journal, () -> Pressure.NONE);
    }
}
