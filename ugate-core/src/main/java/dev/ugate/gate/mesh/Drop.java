package dev.ugate.gate.mesh;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refused;
import java.util.Locale;

/**
 * Something inside the mesh that is not dialled, or in audit mode would not be.
 *
 * @param target what the stream asked for
 * @param enforced whether it is refused, and not only told of
 */
public record Drop(HostPort target, Reason reason, boolean enforced, Refused why) {
    /** What is wrong with it. */
    public enum Reason {
        /** No carrier of it proves who the far end is. */
        NO_CARRIER,
        /** Nobody says who the far end must prove to be. */
        NO_IDENTITY,
        /** Discovery and a self-certifying name say different identities. */
        OTHER_IDENTITY,
        /** No source could say where it is. */
        UNRESOLVED;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** The lower-case word of logs and metrics. */
        public String label() {
            return label;
        }
    }
}
