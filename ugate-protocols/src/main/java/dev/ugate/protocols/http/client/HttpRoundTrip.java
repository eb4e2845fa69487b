package dev.ugate.protocols.http.client;

import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import dev.ugate.net.Failures;
import dev.ugate.protocols.http.semantics.Grpc;
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
import java.util.Optional;

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
        Future<Reply> first = attempt(intent, request, informational);
        if (request.upgrade().isEmpty()) {
            return first;
        }
        Promise<Reply> reply = request.body().eventLoop().newPromise();
        follow(first, reply, () -> {
            Future<Reply> alone = attempt(Versions.alone(intent), request, informational);
            follow(alone, reply, () -> reply.tryFailure(Lease.NO_UPGRADES));
        });
        return reply;
    }

    /** Gives {@code reply} what becomes of the attempt; {@code otherwise} where its upstream takes no upgrades. */
    private static void follow(Future<Reply> attempt, Promise<Reply> reply, Runnable otherwise) {
        reply.addListener(done -> {
            if (done.isCancelled()) {
                attempt.cancel(false);
            }
        });
        attempt.addListener(done -> {
            if (done.isSuccess()) {
                if (!reply.trySuccess(attempt.getNow())) {
                    attempt.getNow().body().close();
                }
            } else if (done.isCancelled()) {
                reply.cancel(false);
            } else if (done.cause() == Lease.NO_UPGRADES && !reply.isDone()) {
                otherwise.run();
            } else {
                reply.tryFailure(done.cause());
            }
        });
    }

    private Future<Reply> attempt(Intent intent, Request request, Informational informational) {
        EventLoop loop = request.body().eventLoop();
        Promise<Reply> reply = loop.newPromise();
        Future<Channel> dialled = dialer.dial(intent, request);
        if (dialled.isSuccess()) {
            send(dialled.getNow(), request, informational, reply);
            return reply;
        }
        reply.addListener(done -> {
            if (done.isCancelled()) {
                if (!dialled.isDone()) {
                    request.unconnected();
                }
                dialled.cancel(false);
            }
        });
        dialled.addListener(done -> {
            if (!done.isSuccess()) {
                reply.tryFailure(Failures.refused(done.cause()).asUntouched());
            } else if (reply.isDone() || !request.body().isActive()) {
                reply.cancel(false);
                dialled.getNow().close();
            } else {
                send(dialled.getNow(), request, informational, reply);
            }
        });
        return reply;
    }

    private static void send(Channel place, Request request, Informational informational, Promise<Reply> reply) {
        Lease lease = Lease.of(place);
        reply.addListener(done -> {
            if (done.isSuccess()) {
                Dialer.Outcome.tell(place, served(reply.getNow()));
            } else if (done.isCancelled() ? wasLate(request, lease) : !isRequestsFault(done.cause())) {
                Dialer.Outcome.tell(place, false);
            }
        });
        try {
            lease.send(request, informational, reply);
        } catch (RuntimeException | OutOfMemoryError wrong) {
            // No memory for its head: others on the way here wait for a reply, not for an exception.
            reply.tryFailure(Failures.refused(wrong));
        }
    }

    /** A client that dribbles its body makes an attempt late too, and nobody else can help it. */
    private static boolean wasLate(Request request, Lease lease) {
        return request.isLate() && lease.isOut();
    }

    /** What gateways say when it was not them who failed. */
    private static boolean served(Reply reply) {
        boolean here = reply.status() < 502 || reply.status() > 504;
        return here && (reply.length() != 0 || !Grpc.isUnavailable(reply.fields()));
    }

    /** Also an upgrade that the upstream does not offer: anybody may ask for one, and other requests are served. */
    private static boolean isRequestsFault(Throwable cause) {
        return cause instanceof Refused refused
                && (refused.reason() == Refusal.MALFORMED
                        || refused.error().equals(Optional.of(ProxyError.HTTP_UPGRADE_FAILED)));
    }
}
