package dev.ugate.protocols.http.semantics;

import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Promise;
import java.util.Objects;

/**
 * A place for exactly one request on a connection to an upstream, whatever its version of HTTP. Its channel is where the reply's body
 * is read from and where the request's body is written to; it closes when the exchange is over, and closing it gives the place up.
 */
public interface Lease {
    AttributeKey<Lease> KEY = AttributeKey.valueOf("ugate.lease");

    /** The lease that a channel dialled for requests stands for. */
    static Lease of(Channel channel) {
        return Objects.requireNonNull(channel.attr(KEY).get(), "lease");
    }

    /** Sends the request; called once, on the channel's loop. The reply fails with {@link dev.ugate.model.Refused}. */
    void send(Request request, Informational informational, Promise<Reply> reply);
}
