package dev.ugate.model.http;

import java.time.Duration;
import java.util.Optional;

/**
 * Requests of one session go to one endpoint, as long as it is there: the client shows what an earlier reply told it (Gateway API,
 * GEP-1619).
 *
 * @param name of the cookie, or the lower-case one of the field
 * @param cookie whether a cookie says it, else a field
 * @param absoluteTimeout after which the session begins anew
 * @param permanent whether the client keeps the cookie until then, beyond its own end
 */
public record SessionPersistence(String name, boolean cookie, Optional<Duration> absoluteTimeout, boolean permanent) {
    @Override
    public String toString() {
        return (cookie ? "cookie " : "header ") + name;
    }
}
