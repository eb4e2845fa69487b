package dev.ugate.gate;

import dev.ugate.model.Endpoint;
import dev.ugate.model.Route;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How far one request came: the route that it took, and the way that was tried last. Lives on its body's loop. */
final class Trail {
    private static final AttributeKey<Trail> KEY = AttributeKey.valueOf("ugate.trail");

    private @Nullable Route route;
    private @Nullable Passage last;

    private Trail() {}

    /** That of the request with this body, which begins here if there is none yet. */
    static Trail on(Channel body) {
        Trail trail = body.attr(KEY).get();
        if (trail == null) {
            trail = new Trail();
            body.attr(KEY).set(trail);
        }
        return trail;
    }

    /** That of the request with this body; none where it was refused before it had a route. */
    static Optional<Trail> find(Channel body) {
        return body.hasAttr(KEY) ? Optional.ofNullable(body.attr(KEY).get()) : Optional.empty();
    }

    void takes(Route taken) {
        route = taken;
    }

    void tries(Passage passage) {
        last = passage;
    }

    Optional<Route> route() {
        return Optional.ofNullable(route);
    }

    /** The endpoint that was tried last, or is being tried. */
    Optional<Endpoint> endpoint() {
        return last == null ? Optional.empty() : last.endpoint();
    }
}
