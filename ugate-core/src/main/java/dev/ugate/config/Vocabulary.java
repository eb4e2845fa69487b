package dev.ugate.config;

import java.util.List;
import java.util.Map;

/**
 * The words that a configuration may use for what is compiled in.
 *
 * @param protocols names of the registered protocols, for {@code listeners[].protocols}
 * @param intents protocol words of intents, for {@code match.protocol} and rules
 * @param carriers transports that a way out is made of
 * @param sources of discovery
 */
public record Vocabulary(List<String> protocols, List<String> intents, List<String> carriers, List<String> sources) {
    /** What this release has. */
    public static final Vocabulary STANDARD = new Vocabulary(
            List.of("socks4", "socks5", "ssh", "http", "tls", "mqtt"),
            List.of("socks4", "socks5", "http", "connect", "tls", "ssh", "mqtt", "hbone", "hbonec", "tcp", "udp"),
            List.of("tcp", "tls", "socks5", "http", "ws", "hbone", "proxy-v1", "proxy-v2"),
            List.of("config", "dns"));

    /** Words of {@code listeners[].protocols} that say how a detected protocol may be used, and which protocols they need. */
    static final Map<String, List<String>> USES = Map.of("hbone", List.of("tls", "http"), "hbonec", List.of("http"));

    /** Words of the architecture that a later release brings, so that nobody takes them for typing errors. */
    static final Map<String, String> LATER = Map.of(
            "quic", "the QUIC release brings it",
            "h3", "the QUIC release brings it",
            "webtransport", "the QUIC release brings it",
            "xds", "the control plane release brings it",
            "mdns", "the mesh discovery release brings it");

    public Vocabulary {
        protocols = List.copyOf(protocols);
        intents = List.copyOf(intents);
        carriers = List.copyOf(carriers);
        sources = List.copyOf(sources);
    }
}
