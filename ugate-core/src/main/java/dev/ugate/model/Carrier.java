package dev.ugate.model;

import java.util.Map;

/** One layer of a way out: a transport's word ({@code tcp}, {@code tls}, {@code socks5}, {@code http}, {@code proxy-v2}) and its options. */
public record Carrier(String name, Map<String, String> options) {
    public static final Carrier TCP = of("tcp");

    /** HTTP requests over the layers below; {@link Endpoint#http} says in which version. */
    public static final Carrier REQUESTS = of("requests");

    public Carrier {
        options = Map.copyOf(options);
    }

    public static Carrier of(String name) {
        return new Carrier(name, Map.of());
    }

    /** The word alone: options may hold a password. */
    @Override
    public String toString() {
        return name;
    }
}
