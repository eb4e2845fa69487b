package dev.ugate.model;

import dev.ugate.model.http.Fields;
import dev.ugate.model.http.HttpMatch;
import java.util.HashMap;
import java.util.Map;

/**
 * What one stream wants: who asks, through which protocol word, for which target.
 *
 * @param labels what a protocol learned on the way ({@code sni}, {@code alpn}, {@code client_id}, {@code user}, {@code method},
 *     {@code path}, {@code version}, {@code form}, {@code socket})
 * @param fields the end-to-end fields of an HTTP request, for rules and routes that look at them; of a tunnel those that its next hop is
 *     told too ({@code via}, {@code traceparent}); else none
 */
public record Intent(
        String protocol, Peer peer, HostPort target, Shape shape, Map<String, String> labels, Fields fields) {
    /** The label of an intent for a Unix socket of this machine that peers may ask for: its path. */
    public static final String SOCKET = "socket";

    public Intent {
        labels = Map.copyOf(labels);
    }

    public Intent(String protocol, Peer peer, HostPort target, Shape shape, Map<String, String> labels) {
        this(protocol, peer, target, shape, labels, Fields.NONE);
    }

    /** Whether it is a request that fits, as {@link HttpMatch#fits}; a byte stream never is. */
    public boolean fits(HttpMatch match) {
        return shape == Shape.MESSAGES
                && match.fits(labels.getOrDefault("method", ""), labels.getOrDefault("path", ""), fields);
    }

    /** Whether it could be a request that fits, as {@link HttpMatch#touches}; a byte stream could. */
    public boolean touches(HttpMatch match) {
        return shape != Shape.MESSAGES
                || match.touches(labels.getOrDefault("method", ""), labels.getOrDefault("path", ""), fields);
    }

    /** The same intent with one more label. */
    public Intent with(String label, String value) {
        Map<String, String> more = new HashMap<>(labels);
        more.put(label, value);
        return new Intent(protocol, peer, target, shape, more, fields);
    }

    /** The same stream to another target. */
    public Intent withTarget(HostPort other) {
        return new Intent(protocol, peer, other, shape, labels, fields);
    }

    public static Intent bytes(String protocol, Peer peer, HostPort target) {
        return new Intent(protocol, peer, target, Shape.BYTES, Map.of());
    }
}
