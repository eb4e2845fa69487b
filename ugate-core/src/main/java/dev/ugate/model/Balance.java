package dev.ugate.model;

/** How one stage of endpoints is ordered for the next dial. */
public enum Balance {
    ROUND_ROBIN,
    LEAST_CONNECTIONS,
    PEAK_EWMA,
    /** The same source asks the same endpoint as long as that one is there. */
    SOURCE_HASH
}
