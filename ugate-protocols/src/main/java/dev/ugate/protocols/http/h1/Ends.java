package dev.ugate.protocols.http.h1;

/** How far one exchange is: which of its directions ended, and what becomes of its connection (RFC 9112 §9.3). */
final class Ends {
    private boolean wentOut;
    private boolean cameIn;
    private boolean switched;
    private boolean last;
    private boolean over;

    /** The request is out, or what follows it in the other protocol. */
    void wentOut() {
        wentOut = true;
    }

    boolean isOut() {
        return wentOut;
    }

    /** What the upstream says in the other protocol is here; false when it was already. */
    boolean cameIn() {
        boolean first = !cameIn;
        cameIn = true;
        return first;
    }

    /** Both directions are another protocol from here on (RFC 9110 §7.8). */
    void switched() {
        switched = true;
        last = true;
    }

    boolean isSwitched() {
        return switched;
    }

    /** Whether both directions of the other protocol ended. */
    boolean bothWays() {
        return switched && wentOut && cameIn;
    }

    /** No other exchange follows on the connection. */
    void last() {
        last = true;
    }

    /** Whether another exchange may follow. */
    boolean reusable() {
        return wentOut && !last;
    }

    /** The exchange has no place on the connection any more. */
    void over() {
        over = true;
    }

    boolean isOver() {
        return over;
    }
}
