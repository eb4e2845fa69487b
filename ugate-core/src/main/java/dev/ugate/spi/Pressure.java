package dev.ugate.spi;

/** How short memory and time are; each level includes what the ones before it ask for. */
public enum Pressure {
    NONE(0),

    /** Give back what is idle: smallest windows, no kept-alive connections (L91; also while a loop is late, L94). */
    TRIM(1),

    /** Begin nothing new (L92). */
    REFUSE(2),

    /** Cut what holds most (L93). */
    CUT(3);

    private final int number;

    Pressure(int number) {
        this.number = number;
    }

    /** 0 to 3, for metrics. */
    public int number() {
        return number;
    }

    public boolean atLeast(Pressure level) {
        return compareTo(level) >= 0;
    }
}
