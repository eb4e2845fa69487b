package dev.ugate.model;

/** What flows: a byte stream, datagrams with kept boundaries, or HTTP messages. */
public enum Shape {
    BYTES,
    DATAGRAMS,
    MESSAGES
}
