package dev.ugate.model.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a route does to the requests that it takes and to their replies; the names are those of the Gateway API.
 *
 * @param requests edits what the upstream sees
 * @param responses edits what the client sees
 * @param mirrors are sent copies, whose replies are thrown away
 */
public record Filters(
        HeaderEdit requests,
        HeaderEdit responses,
        Optional<Rewrite> rewrite,
        List<Mirror> mirrors,
        Optional<Cors> cors,
        Optional<Compression> compression,
        Tries tries,
        Optional<SessionPersistence> session) {
    /** Changes nothing. */
    public static final Filters NONE = new Filters(
            HeaderEdit.NONE,
            HeaderEdit.NONE,
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Tries.STANDARD,
            Optional.empty());

    public Filters {
        mirrors = List.copyOf(mirrors);
    }

    public boolean isNone() {
        return this == NONE || equals(NONE);
    }

    /** What is done, in the words of configuration. */
    public List<String> words() {
        List<String> words = new ArrayList<>();
        if (!requests.equals(HeaderEdit.NONE)) {
            words.add("requestHeaderModifier");
        }
        if (!responses.equals(HeaderEdit.NONE)) {
            words.add("responseHeaderModifier");
        }
        rewrite.ifPresent(r -> words.add("urlRewrite"
                + r.hostname().map(name -> " hostname " + name).orElse("")
                + r.path().map(path -> " path " + path).orElse("")));
        mirrors.forEach(mirror -> words.add("requestMirror " + mirror.share() + " to " + mirror.to()));
        cors.ifPresent(c -> words.add("cors"));
        compression.ifPresent(c -> words.add("compression"));
        tries.request().ifPresent(limit -> words.add("timeouts.request " + limit.toMillis() + "ms"));
        tries.backendRequest().ifPresent(limit -> words.add("timeouts.backendRequest " + limit.toMillis() + "ms"));
        tries.retry().ifPresent(retry -> words.add("retry " + retry.attempts()));
        session.ifPresent(by -> words.add("sessionPersistence " + by));
        return words;
    }

    /** Another Host and another path for the upstream; where it is dialled stays the route's matter. */
    public record Rewrite(Optional<String> hostname, Optional<PathChange> path) {}

    /** A copy of {@code numerator} of {@code denominator} requests goes {@code to} host:port. */
    public record Mirror(String to, int numerator, int denominator) {
        /** What {@code denominator} is for a percentage. */
        public static final int PERCENT = 100;

        private String share() {
            return denominator == PERCENT ? numerator + "%" : numerator + "/" + denominator;
        }
    }

    /**
     * Who may use the replies in a browser (Fetch standard §3.2).
     *
     * @param origins {@code *}, or scheme://host[:port] where the host may begin with {@code *.}
     */
    public record Cors(
            List<String> origins,
            boolean credentials,
            List<String> methods,
            List<String> headers,
            List<String> exposed,
            Duration maxAge) {
        public Cors {
            origins = List.copyOf(origins);
            methods = List.copyOf(methods);
            headers = List.copyOf(headers);
            exposed = List.copyOf(exposed);
        }
    }

    /**
     * Replies are compressed with gzip for clients that take it.
     *
     * @param types media types, {@code text/*} for a whole family
     * @param minLength bytes below which a reply of known length stays as it is
     */
    public record Compression(List<String> types, int minLength) {
        public Compression {
            types = List.copyOf(types);
        }
    }
}
