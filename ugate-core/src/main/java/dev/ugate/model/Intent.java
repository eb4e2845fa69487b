package dev.ugate.model;

import java.util.Map;

/**
 * What one stream wants: who asks, through which protocol word, for which target. Labels carry what a protocol learned on the way
 * ({@code sni}, {@code alpn}, {@code client_id}, {@code user}, {@code method}, {@code path}).
 */
public record Intent(String protocol, Peer peer, HostPort target, Shape shape, Map<String, String> labels) {
    public Intent {
        labels = Map.copyOf(labels);
    }

    public static Intent bytes(String protocol, Peer peer, HostPort target) {
        return new Intent(protocol, peer, target, Shape.BYTES, Map.of());
    }
}
