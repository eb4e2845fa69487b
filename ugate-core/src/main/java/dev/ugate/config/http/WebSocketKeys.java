package dev.ugate.config.http;

import static dev.ugate.config.yaml.Kind.key;
import static dev.ugate.config.yaml.Kind.mapping;

import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Mapping;
import dev.ugate.spi.Ingress;

/** The keys of WebSockets as carriers, taken and dialled. */
public final class WebSocketKeys {
    private static final Kind PATH = Kind.string("a path such as " + Ingress.WebSocket.PATH, "^/", WebSocketKeys::path);
    private static final Kind ORIGIN =
            Kind.string("* or an origin such as https://app.example", "^(\\*|https?://.+)$", WebSocketKeys::origin);

    private WebSocketKeys() {}

    public static Mapping listener() {
        return mapping(
                key("path", PATH, "that a WebSocket asks for; default " + Ingress.WebSocket.PATH),
                key(
                        "origins",
                        new Kind.OneOrMany(ORIGIN),
                        "whose pages may ask, * for all; default those of the same host"));
    }

    /** {@code tls} are the keys of TLS to whoever takes the WebSocket. */
    public static Mapping upstream(Mapping tls) {
        return mapping(
                key("path", PATH, "to ask for; default " + Ingress.WebSocket.PATH),
                key("tls", tls, "TLS below it: wss"));
    }

    private static String path(String text) {
        if (!text.matches("/[!-\"$->@-~]{0,1023}")) {
            throw new IllegalArgumentException("path '" + text + "': expected / and visible ASCII without ? and #");
        }
        return text;
    }

    private static String origin(String text) {
        if (!text.matches("\\*|https?://[a-z0-9._:\\[\\]-]+")) {
            throw new IllegalArgumentException("origin '" + text
                    + "': expected *, or http:// or https:// and a host in lower case without a path");
        }
        return text;
    }
}
