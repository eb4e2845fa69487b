package dev.ugate.model;

import dev.ugate.model.http.Fields;
import java.util.Map;

/**
 * What one stream wants: who asks, through which protocol word, for which target.
 *
 * @param labels what a protocol learned on the way ({@code sni}, {@code alpn}, {@code client_id}, {@code user}, {@code method},
 *     {@code path}, {@code version}, {@code form})
 * @param fields the end-to-end fields of an HTTP request, for rules and routes that look at them; else none
 */
public record Intent(
        String protocol, Peer peer, HostPort target, Shape shape, Map<String, String> labels, Fields fields) {
    public Intent {
        labels = Map.copyOf(labels);
    }

    public Intent(String protocol, Peer peer, HostPort target, Shape shape, Map<String, String> labels) {
        this(protocol, peer, target, shape, labels, Fields.NONE);
    }

    public static Intent bytes(String protocol, Peer peer, HostPort target) {
        return new Intent(protocol, peer, target, Shape.BYTES, Map.of());
    }
}
