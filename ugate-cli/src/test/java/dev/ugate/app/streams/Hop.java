package dev.ugate.app.streams;

/** How the first gate reaches what is asked for: a name in the hop's domain. */
enum Hop {
    /** At once. */
    NONE(""),
    HBONE_CLEAR("hbonec"),
    HBONE("hbone"),
    HBONE_WEBSOCKET("hbone, ws"),
    CONNECT("connect"),
    SSH("ssh"),
    /** As a request over HTTP/2, which only WebSockets are. */
    HTTP_2("");

    /** The carriers to the second gate. */
    final String via;

    Hop(String via) {
        this.via = via;
    }

    /** What a player's server is called, or {@code two}, that over HTTP/2. */
    String name(String host) {
        return host + "." + name().toLowerCase().replace("_", "-") + ".example";
    }

    boolean takes(Script script) {
        return this != HTTP_2 || script.way().webSocket();
    }
}
