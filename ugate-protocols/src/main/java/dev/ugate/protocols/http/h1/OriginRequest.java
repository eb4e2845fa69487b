package dev.ugate.protocols.http.h1;

import dev.ugate.protocols.http.wire.BodyFraming;
import dev.ugate.protocols.http.wire.HeadWriter;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** What an upstream is sent for a request: origin-form, our Host, our framing (RFC 9110 §7.2, RFC 9112 §3.2.1). */
final class OriginRequest {
    private OriginRequest() {}

    static BodyFraming framing(Request request) {
        return request.length() < 0 ? BodyFraming.CHUNKED : BodyFraming.of(request.length());
    }

    /** The head, given away; throws {@link dev.ugate.model.Refused} MALFORMED when something in it is illegal. */
    static ByteBuf head(ByteBufAllocator alloc, Request request, @Nullable WebSocketKey key) {
        HeadWriter head = HeadWriter.request(alloc, request.method(), request.path());
        head.field("host", request.host()).fields(Hop.passing(request.fields()));
        if (key != null) {
            return head.field("sec-websocket-key", key.text())
                    .field("upgrade", WebSocketKey.PROTOCOL)
                    .field("connection", "Upgrade")
                    .end();
        }
        if (request.length() < 0 || request.announcesLength()) {
            head.framing(framing(request));
        }
        return head.end();
    }
}
