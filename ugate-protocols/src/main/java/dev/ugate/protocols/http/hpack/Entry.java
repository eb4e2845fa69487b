package dev.ugate.protocols.http.hpack;

/**
 * One line of a table.
 *
 * @param legal whether name and value may stand in a message of HTTP/2 (RFC 9113 §8.2.1); checked once, when it was read
 */
record Entry(String name, String value, boolean legal) {
    /** RFC 7541 §4.1. */
    static final int OVERHEAD = 32;

    int size() {
        return name.length() + value.length() + OVERHEAD;
    }
}
