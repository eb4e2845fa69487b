package dev.ugate.spi;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Intent;
import java.util.Optional;

/**
 * One attempt to reach an endpoint.
 *
 * @param deadline a {@code System.nanoTime()} value
 * @param workload the identity to prove to the far end where it is not the node's own: a name of {@link dev.ugate.model.mesh.Mesh#workloads}
 */
public record Dial(Intent intent, Endpoint endpoint, long deadline, Optional<String> workload) {
    /** A dial under the node's own identity. */
    public Dial(Intent intent, Endpoint endpoint, long deadline) {
        this(intent, endpoint, deadline, Optional.empty());
    }

    /** The layer to dial now: the innermost carrier that is left. */
    public Carrier carrier() {
        return endpoint.via().get(0);
    }

    /** What the layer below has to dial. */
    public Dial below() {
        return to(endpoint.below());
    }

    /** The same attempt at another endpoint. */
    public Dial to(Endpoint other) {
        return new Dial(intent, other, deadline, workload);
    }
}
