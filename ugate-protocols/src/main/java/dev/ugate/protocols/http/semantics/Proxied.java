package dev.ugate.protocols.http.semantics;

import dev.ugate.protocols.http.wire.RequestLine;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress;

/** Whether a client knows that this is a proxy: the form of its target says so (RFC 9112 §3.2). */
public final class Proxied {
    private Proxied() {}

    /** By a request in HTTP/1. */
    public static boolean by(RequestLine line, Connection connection) {
        String target = line.target();
        return line.isConnect()
                || !target.startsWith("/")
                        && !target.equals("*")
                        && absolutely(RequestTarget.isHttps(target), connection);
    }

    /** By a request in HTTP/2 other than CONNECT: in TLS, the scheme http asks a proxy. */
    public static boolean by(String scheme, Connection connection) {
        return scheme.equalsIgnoreCase("http") && connection.tls() && !isGateway(connection);
    }

    /** By a target in absolute-form, which servers take too (RFC 9112 §3.2.2): a client asks a proxy for https by CONNECT. */
    static boolean absolutely(boolean https, Connection connection) {
        return !isGateway(connection) && !(https && connection.tls());
    }

    /** A listener that forwards nothing by itself is a server, and no client's proxy. */
    static boolean isGateway(Connection connection) {
        return connection.ingress().forward() == Ingress.Forward.NONE;
    }
}
