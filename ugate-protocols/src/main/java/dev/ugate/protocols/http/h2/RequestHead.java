package dev.ugate.protocols.http.h2;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.UsualPort;
import dev.ugate.protocols.http.h2.HeaderBlock.Pseudo;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.protocols.http.semantics.Asking;
import dev.ugate.protocols.http.semantics.RequestTarget;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.wire.Tokens;
import dev.ugate.spi.Connection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The head of one request (RFC 9113 §8.3.1, §8.5, RFC 8441 §4).
 *
 * @param protocol of an extended CONNECT
 * @param length octets of the body, −1 for any number
 */
record RequestHead(
        String method, RequestTarget.Parts target, Optional<String> protocol, Hop hop, Fields fields, long length) {
    private static final String CONNECT = "CONNECT";
    private static final int REST_OF_LINE = "  HTTP/1.1".length();

    /** Throws {@link Violation} for what is malformed, {@link Rejected} for what is refused with a status. */
    static RequestHead of(HeaderBlock block, boolean end) {
        block.check();
        String method = block.value(Pseudo.METHOD);
        if (method == null || !Tokens.isToken(method) || block.has(Pseudo.STATUS)) {
            throw HeaderBlock.malformed("request: expected :method and no :status");
        }
        boolean tunnel = method.equals(CONNECT) && !block.has(Pseudo.PROTOCOL);
        target(block, tunnel);
        if (block.has(Pseudo.PROTOCOL) && !method.equals(CONNECT)) {
            throw HeaderBlock.malformed("field :protocol: expected CONNECT with it");
        }
        Fields fields = block.fields();
        Hop hop = Hop.of(fields);
        long announced = hop.announced();
        if (end && announced > 0) {
            throw HeaderBlock.malformed("field content-length: expected a body");
        }
        var parts = new RequestTarget.Parts(
                text(block.value(Pseudo.SCHEME)), authority(block, hop), text(block.value(Pseudo.PATH)));
        long length = method.equals(CONNECT) ? -1 : end ? 0 : announced;
        return new RequestHead(method, parts, Optional.ofNullable(block.value(Pseudo.PROTOCOL)), hop, fields, length);
    }

    private static void target(HeaderBlock block, boolean tunnel) {
        String path = block.value(Pseudo.PATH);
        if (tunnel
                ? path != null || block.has(Pseudo.SCHEME) || !block.has(Pseudo.AUTHORITY)
                : path == null || path.isEmpty() || !block.has(Pseudo.SCHEME)) {
            throw HeaderBlock.malformed("request: expected :scheme and :path, or for CONNECT :authority alone");
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** RFC 9113 §8.3.1: Host may stand in for :authority and must not differ from it. */
    private static String authority(HeaderBlock block, Hop hop) {
        String authority = block.value(Pseudo.AUTHORITY);
        Optional<String> host = hop.host(0);
        if (authority == null) {
            return host.orElse("");
        }
        if (host.isPresent()
                && !host.get().equalsIgnoreCase(authority)
                && !isSame(host.get(), authority, "https".equalsIgnoreCase(block.value(Pseudo.SCHEME)))) {
            throw HeaderBlock.malformed("field host: differs from :authority");
        }
        return authority;
    }

    /** Whether they say the same once they are normalised (RFC 3986 §6.2). */
    private static boolean isSame(String host, String authority, boolean https) {
        int usual = UsualPort.of(https);
        try {
            return HostPort.parse(host, usual).equals(HostPort.parse(authority, usual));
        } catch (Refused noHost) {
            return false;
        }
    }

    boolean isTunnel() {
        return method.equals(CONNECT) && protocol.isEmpty();
    }

    /** Octets of the request line that HTTP/1.1 would write (RFC 9112 §3), in origin-form or for a tunnel. */
    int line() {
        int place = isTunnel() ? target.authority().length() : target.path().length();
        return method.length() + place + REST_OF_LINE;
    }

    /** What the gate is asked; throws {@link Rejected}. */
    Asking asking(Connection connection) {
        RequestTarget where =
                isTunnel() ? RequestTarget.ofConnect(target.authority()) : RequestTarget.of(method, target, connection);
        // An extended CONNECT is what HTTP/1.1 writes as a GET with Upgrade (RFC 8441 §5).
        String verb = method.equals(CONNECT) ? "GET" : method;
        return new Asking(verb, where, hop, fields, "2", hop.expectsContinue(1));
    }
}
