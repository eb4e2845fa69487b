package dev.ugate.spi;

/** What a sniffer says about the first bytes. */
public enum Verdict {
    MATCH,
    MISMATCH,
    MORE
}
