package dev.ugate.spi;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import java.time.Duration;
import java.util.Optional;

/** Is told what happened, once each; behind it stand the access log and the metrics. Called on event loops; must not block. */
public interface Journal {
    /** A connection was given to a protocol, {@code waited} after it entered the gate; {@code fallback} names the fallback. */
    void detected(Connection connection, String protocol, Duration waited);

    /** A connection ended before it had an intent: malformed, silent, over a limit. */
    default void failed(Connection connection, String protocol, Refused why) {
        failed(connection, protocol, why, Told.NOTHING);
    }

    /** The same where an answer {@code told} so. */
    void failed(Connection connection, String protocol, Refused why, Told told);

    /** The status of an answer of HTTP, and how many bytes its body has. */
    record Told(int status, long bytes) {
        /** No answer of HTTP. */
        public static final Told NOTHING = new Told(0, 0);
    }

    /** A limit, named by its config key, refused something too small for a line of its own: a datagram. */
    default void limited(String key) {}

    /** A stream ended, refused or carried. */
    void ended(Ended stream);

    /**
     * The life of one stream.
     *
     * @param route name of the route, {@code -} where none matched
     * @param endpoint what was dialled, when anything was, and behind a slash the address that it was reached at if that says more
     * @param refused why the stream was not carried, or why the carrying broke
     * @param bytesIn from the client
     * @param bytesOut to the client
     * @param answered what an HTTP request was answered with; none for other streams, and for refusals with the status of their
     *     reason
     * @param attempts how often an HTTP request was tried; 1 for other streams
     */
    record Ended(
            Intent intent,
            String listener,
            String route,
            Optional<String> endpoint,
            Optional<Refused> refused,
            long bytesIn,
            long bytesOut,
            Duration lasted,
            Optional<Answered> answered,
            int attempts) {
        public Ended(
                Intent intent,
                String listener,
                String route,
                Optional<String> endpoint,
                Optional<Refused> refused,
                long bytesIn,
                long bytesOut,
                Duration lasted) {
            this(intent, listener, route, endpoint, refused, bytesIn, bytesOut, lasted, Optional.empty(), 1);
        }
    }

    /** The status that an HTTP request was answered with, 499 where its client had left, and how long its head took. */
    record Answered(int status, Duration after) {}
}
