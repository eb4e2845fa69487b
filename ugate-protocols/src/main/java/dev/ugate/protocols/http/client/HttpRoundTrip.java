package dev.ugate.protocols.http.client;

import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.protocols.http.h1.UpstreamExchange;
import dev.ugate.spi.Dialer;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.RoundTrip;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/**
 * Sends each request over HTTP/1.1 on a connection of its own, which closes behind the reply. The reply's body channel is at once
 * where the request's body is written to: whoever reads it need not care.
 */
public final class HttpRoundTrip implements RoundTrip {
    private final Dialer dialer;
    private final Timeouts timeouts;
    private final Limits limits;

    public HttpRoundTrip(Dialer dialer, Timeouts timeouts, Limits limits) {
        this.dialer = dialer;
        this.timeouts = timeouts;
        this.limits = limits;
    }

    @Override
    public Future<Reply> send(Intent intent, Request request, Informational informational) {
        EventLoop loop = request.body().eventLoop();
        Promise<Reply> reply = loop.newPromise();
        Future<Channel> dialled = dialer.dial(intent, loop);
        reply.addListener(done -> {
            if (done.isCancelled()) {
                dialled.cancel(false);
            }
        });
        dialled.addListener(done -> {
            if (!done.isSuccess()) {
                reply.tryFailure(done.cause());
            } else if (reply.isDone() || !request.body().isActive()) {
                reply.cancel(false);
                dialled.getNow().close();
            } else {
                var sent = new UpstreamExchange.Sent(request, informational, reply, timeouts);
                new UpstreamExchange(dialled.getNow(), sent, limits).begin();
            }
        });
        return reply;
    }
}
