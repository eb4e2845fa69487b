package dev.ugate.gate;

import dev.ugate.model.Discovery;
import dev.ugate.model.Policy;
import dev.ugate.model.Timeouts;
import dev.ugate.route.Routes;

/** Everything that decides where streams go; replaced whole on reload. */
public record Plan(Policy policy, Routes routes, Discovery discovery, Timeouts timeouts) {
    /** The first matching route's name is logged as this where none matches. */
    public static final String NO_ROUTE = "-";
}
