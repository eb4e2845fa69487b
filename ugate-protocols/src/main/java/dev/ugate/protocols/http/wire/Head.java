package dev.ugate.protocols.http.wire;

import dev.ugate.model.http.Fields;

/** A start line and every field as it came, framing and hop-by-hop fields included. */
public record Head<L>(L line, Fields fields) {}
