package dev.ugate.spi;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Intent;

/** One attempt to reach an endpoint; {@code deadline} is a {@code System.nanoTime()} value. */
public record Dial(Intent intent, Endpoint endpoint, long deadline) {
    /** The layer to dial now: the innermost carrier that is left. */
    public Carrier carrier() {
        return endpoint.via().get(0);
    }

    /** What the layer below has to dial. */
    public Dial below() {
        return new Dial(intent, endpoint.below(), deadline);
    }
}
