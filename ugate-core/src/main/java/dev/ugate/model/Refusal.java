package dev.ugate.model;

/** Why a stream was not carried; every protocol maps each constant to its own wire code. */
public enum Refusal {
    MALFORMED,
    UNAUTHENTICATED,
    DENIED,
    NO_ROUTE,
    UNRESOLVED,
    UNREACHABLE,
    CONNECTION_REFUSED,
    TIMED_OUT,
    UPSTREAM_IDENTITY,
    OVERLOADED,
    LOOP,
    DRAINING,
    INTERNAL;

    private final String label = name().toLowerCase(java.util.Locale.ROOT);

    /** The lower-case word of logs and metrics. */
    public String label() {
        return label;
    }
}
