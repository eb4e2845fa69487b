package dev.ugate.spi;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;

/** What every part of the data path may ask: how long, how much, and whom to tell. */
public record Settings(Timeouts timeouts, Limits limits, Journal journal) {}
