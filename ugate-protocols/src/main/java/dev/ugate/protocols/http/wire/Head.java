package dev.ugate.protocols.http.wire;

import dev.ugate.spi.Fields;

/** A start line and every field as it came, framing and hop-by-hop fields included. */
public record Head<L>(L line, Fields fields) {}
