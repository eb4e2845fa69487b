package dev.ugate.protocols.http.semantics;

import dev.ugate.model.HostPort;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.ProxyError;
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

    /** What a request for an upgrade fails with where the upstream takes none in HTTP/2: said once for the life of a connection (RFC 8441 §3). */
    Refused NO_UPGRADES = Refused.because(Refusal.UNREACHABLE, "upstream: http2: takes no extended CONNECT")
            .as(ProxyError.HTTP_UPGRADE_FAILED);

    /** The lease that a channel dialled for requests stands for. */
    static Lease of(Channel channel) {
        return Objects.requireNonNull(channel.attr(KEY).get(), "lease");
    }

    /** Sends the request; called once, on the channel's loop. The reply fails with {@link dev.ugate.model.Refused}. */
    void send(Request request, Informational informational, Promise<Reply> reply);

    /** Whether the request went out to its end, so that only the upstream is waited for. */
    boolean isOut();

    /**
     * Asks for a tunnel to {@code authority} instead (RFC 9113 §8.5); called once, on the channel's loop. Completes {@code opened} with
     * the channel, which then reads and writes the bytes of the tunnel, or fails it with {@link dev.ugate.model.Refused}.
     */
    default void tunnel(HostPort authority, Fields fields, Promise<Channel> opened) {
        opened.tryFailure(Refused.because(Refusal.UNREACHABLE, "upstream: expected HTTP/2, which carries tunnels"));
    }
}
