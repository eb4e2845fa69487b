package dev.ugate.protocols.http.semantics;

import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.wire.BodyFraming;
import dev.ugate.protocols.http.wire.Head;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.wire.RequestLine;
import dev.ugate.spi.Connection;

/**
 * The head of one request as its client sent it, whatever the version of HTTP.
 *
 * @param fields all of them, those of this hop too
 * @param version as Via writes it: {@code 1.0}, {@code 1.1}, {@code 2}
 * @param waits whether the client waits for 100 (RFC 9110 §10.1.1)
 */
public record Asking(String method, RequestTarget target, Hop hop, Fields fields, String version, boolean waits) {
    /** Of a head in HTTP/1; throws {@link Rejected}. */
    public static Asking of(Head<RequestLine> head, Hop hop, Connection connection) {
        RequestLine line = head.line();
        RequestTarget target = RequestTarget.of(line, hop, connection);
        if (line.isConnect() && !hop.request(line).equals(BodyFraming.NONE)) {
            throw Rejected.malformed("connect: expected no content");
        }
        return new Asking(line.method(), target, hop, head.fields(), line.version(), hop.expectsContinue(line.minor()));
    }
}
