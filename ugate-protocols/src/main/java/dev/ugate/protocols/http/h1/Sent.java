package dev.ugate.protocols.http.h1;

import dev.ugate.protocols.http.wire.BodyFraming;
import dev.ugate.protocols.http.wire.BodyWriter;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/** A request that was sent, and who waits for the reply. */
record Sent(
        Request request,
        BodyWriter writer,
        Informational informational,
        Promise<Reply> reply,
        @Nullable WebSocketKey key) {
    /** With a new key where the request asks for an upgrade, after which octets go out as they are. */
    static Sent of(Request request, Informational informational, Promise<Reply> reply) {
        boolean upgrade = request.upgrade().isPresent();
        BodyFraming framing = upgrade ? BodyFraming.UNTIL_CLOSE : OriginRequest.framing(request);
        return new Sent(request, BodyWriter.of(framing), informational, reply, upgrade ? WebSocketKey.fresh() : null);
    }
}
