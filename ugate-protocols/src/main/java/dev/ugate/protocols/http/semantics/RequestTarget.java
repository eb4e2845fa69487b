package dev.ugate.protocols.http.semantics;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refused;
import dev.ugate.model.http.UsualPort;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.wire.RequestLine;
import dev.ugate.protocols.http.wire.Tokens;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress.HttpRules.EncodedSlash;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a request wants to go (RFC 9112 §3.2, RFC 9110 §7.1).
 *
 * @param path canonical, with its query; {@code *} for OPTIONS of the server, empty for CONNECT
 * @param proxied whether the client knows that this is a proxy: CONNECT, and absolute-form where the listener is one
 */
public record RequestTarget(String scheme, HostPort authority, String path, boolean proxied) {
    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";

    /** Throws {@link Rejected} 400 for a target that is none, 421 for a host that the TLS connection is not for (T15). */
    public static RequestTarget of(RequestLine line, Hop hop, Connection connection) {
        Optional<String> host = hop.host(line.minor());
        try {
            if (line.isConnect()) {
                host.ifPresent(RequestTarget::authority);
                return new RequestTarget("http", withPort(HostPort.parse(line.target())), "", true);
            }
            if (line.target().startsWith("/")
                    || line.target().equals("*") && line.method().equals("OPTIONS")) {
                return Origin.target(line.target(), host.orElseGet(() -> Origin.unnamed(connection)), connection);
            }
            host.filter(text -> !text.isEmpty()).ifPresent(RequestTarget::authority);
            return absolute(line, connection);
        } catch (Refused refused) {
            throw Rejected.malformed(refused.text());
        }
    }

    /** The authority as Host writes it, without the port that the scheme implies. */
    public String host() {
        return authority.text(UsualPort.of(scheme));
    }

    /** What the pseudo-header fields of a request say (RFC 9113 §8.3.1); empty for those that are not there. */
    public record Parts(String scheme, String authority, String path) {}

    /** Of a CONNECT in HTTP/2; throws {@link Rejected}. */
    public static RequestTarget ofConnect(String authority) {
        try {
            return new RequestTarget("http", withPort(HostPort.parse(authority)), "", true);
        } catch (Refused refused) {
            throw Rejected.malformed(refused.text());
        }
    }

    /** Of any other request in HTTP/2; throws {@link Rejected}. */
    public static RequestTarget of(String method, Parts parts, Connection connection) {
        String scheme = parts.scheme().toLowerCase(Locale.ROOT);
        String path = parts.path();
        boolean server = path.equals("*") && method.equals("OPTIONS");
        if (!scheme.equals("http") && !scheme.equals("https") || !server && !path.startsWith("/")) {
            throw Rejected.malformed("target: expected http or https, and a path that begins with /");
        }
        if (!Tokens.isTarget(path)) {
            throw Rejected.malformed("target: expected a path of visible ASCII");
        }
        try {
            if (Proxied.by(scheme, connection)) {
                HostPort authority = withPort(HostPort.parse(parts.authority(), UsualPort.HTTP));
                return new RequestTarget(scheme, authority, server ? path : path(path), true);
            }
            return Origin.target(path, parts.authority(), connection);
        } catch (Refused refused) {
            throw Rejected.malformed(refused.text());
        }
    }

    static boolean isHttps(String target) {
        return startsWith(target, HTTPS);
    }

    private static boolean startsWith(String target, String scheme) {
        return target.regionMatches(true, 0, scheme, 0, scheme.length());
    }

    private static RequestTarget absolute(RequestLine line, Connection connection) {
        String target = line.target();
        boolean https = isHttps(target);
        boolean proxied = Proxied.absolutely(https, connection);
        if (!startsWith(target, HTTP) && (!https || proxied)) {
            throw Rejected.malformed("target: expected http://host/path or a path; other schemes go through CONNECT");
        }
        int from = https ? HTTPS.length() : HTTP.length();
        int end = from;
        while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        HostPort authority = withPort(HostPort.parse(target.substring(from, end), UsualPort.HTTP));
        String rest = target.substring(end);
        boolean server = rest.isEmpty() && line.method().equals("OPTIONS");
        if (proxied) {
            return new RequestTarget("http", authority, server ? "*" : path(rest), true);
        }
        String path = server ? "*" : rest.startsWith("/") ? rest : "/" + rest;
        return Origin.target(path, target.substring(from, end), connection);
    }

    /** What an encoded slash means is for the origin to say, which the client named itself; a gateway's own rules come first. */
    private static String path(String rest) {
        return CanonicalPath.of(rest.startsWith("/") ? rest : "/" + rest, EncodedSlash.KEEP);
    }

    /** A legal authority, which may lack a port; throws {@link Refused}. */
    private static void authority(String text) {
        HostPort.parse(text, UsualPort.HTTP);
    }

    static HostPort withPort(HostPort authority) {
        if (authority.port() == 0) {
            throw Rejected.malformed("target " + authority + ": expected a port of 1 to 65535");
        }
        return authority;
    }
}
