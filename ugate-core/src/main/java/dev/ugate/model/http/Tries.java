package dev.ugate.model.http;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How long a route's requests may take, zero for no limit, and when they are sent again; what is absent is the client's default.
 *
 * @param request from the request's head to the end of its reply
 * @param backendRequest each attempt, from its sending to the reply's head
 */
public record Tries(Optional<Duration> request, Optional<Duration> backendRequest, Optional<Retry> retry) {
    /** The client's defaults. */
    public static final Tries STANDARD = new Tries(Optional.empty(), Optional.empty(), Optional.empty());

    /**
     * Sends a request again.
     *
     * @param attempts after the first one; 0 for never
     * @param codes statuses, beside failures to connect, after which there is another attempt
     * @param backoff least time between two attempts
     */
    public record Retry(int attempts, Set<Integer> codes, Optional<Duration> backoff) {
        public Retry {
            codes = Set.copyOf(codes);
        }
    }
}
