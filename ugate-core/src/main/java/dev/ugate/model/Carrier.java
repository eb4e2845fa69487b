package dev.ugate.model;

import java.util.Map;

/**
 * One layer of a way out: a transport's word ({@code tcp}, {@code tls}, {@code socks5}, {@code http}, {@code proxy-v2}) and its options.
 *
 * @param proves whether both ends prove who they are and nobody between reads along: what strict mode asks for
 */
public record Carrier(String name, Map<String, String> options, boolean proves) {
    public static final Carrier TCP = of("tcp");

    /** HTTP requests over the layers below; {@link Endpoint#http} says in which version. */
    public static final Carrier REQUESTS = of("requests");

    /** TLS 1.3 with certificates of the mesh on both sides. */
    public static final Carrier MESH_TLS = new Carrier("mtls", Map.of(), true);

    /** SSH to a member of the mesh. */
    public static final Carrier SSH = new Carrier("ssh", Map.of(), true);

    public Carrier {
        options = Map.copyOf(options);
    }

    public Carrier(String name, Map<String, String> options) {
        this(name, options, false);
    }

    public static Carrier of(String name) {
        return new Carrier(name, Map.of());
    }

    /** The same layer with other options. */
    public Carrier with(Map<String, String> others) {
        return new Carrier(name, others, proves);
    }

    /** Whether the far end is told where to go on to, so that the addresses of the endpoint are those of the far end. */
    public boolean tunnels() {
        return switch (name) {
            case "hbone", "http", "socks5", "ssh" -> true;
            default -> false;
        };
    }

    /** The word alone: options may hold a password. */
    @Override
    public String toString() {
        return name;
    }
}
