package dev.ugate.protocols.http.client;

import dev.ugate.model.Intent;
import dev.ugate.protocols.http.semantics.Lease;
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
 * Sends each request on a place that is dialled for it: policy, route and balance are asked anew, whichever connection it goes out on.
 * The reply's body channel is at once where the request's body is written to: whoever reads it need not care.
 */
public final class HttpRoundTrip implements RoundTrip {
    private final Dialer dialer;

    public HttpRoundTrip(Dialer dialer) {
        this.dialer = dialer;
    }

    @Override
    public Future<Reply> send(Intent intent, Request request, Informational informational) {
        EventLoop loop = request.body().eventLoop();
        Promise<Reply> reply = loop.newPromise();
        Future<Channel> dialled = dialer.dial(intent, loop);
        if (dialled.isSuccess()) {
            Lease.of(dialled.getNow()).send(request, informational, reply);
            return reply;
        }
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
                Lease.of(dialled.getNow()).send(request, informational, reply);
            }
        });
        return reply;
    }
}
