package dev.ugate.spi;

/** How short memory and time are; each level includes what the ones before it ask for. */
public enum Pressure {
    NONE,

    /** Give back what is idle: smallest windows, no kept-alive connections (L91; also while a loop is late, L94). */
    TRIM,

    /** Begin nothing new (L92). */
    REFUSE,

    /** Cut what holds most (L93). */
    CUT;

    public boolean atLeast(Pressure level) {
        return compareTo(level) >= 0;
    }
}
