package dev.ugate.gate;

import dev.ugate.gate.mesh.Border;
import dev.ugate.model.Discovery;
import dev.ugate.model.Policy;
import dev.ugate.model.Timeouts;
import dev.ugate.route.Routes;

/**
 * Everything that decides where streams go; replaced whole on reload.
 *
 * @param border what may not leave the mesh in the clear
 */
public record Plan(Policy policy, Routes routes, Discovery discovery, Timeouts timeouts, Border border) {
    /** The first matching route's name is logged as this where none matches. */
    public static final String NO_ROUTE = "-";

    /** A plan under which nothing but the names of E20 is in the mesh. */
    public Plan(Policy policy, Routes routes, Discovery discovery, Timeouts timeouts) {
        this(policy, routes, discovery, timeouts, Border.STANDARD);
    }
}
