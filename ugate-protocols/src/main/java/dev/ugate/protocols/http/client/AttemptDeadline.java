package dev.ugate.protocols.http.client;

import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.RoundTrip;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Ends an attempt whose reply does not begin within what its route gives each of them; the next one may be luckier. */
public final class AttemptDeadline implements RoundTrip {
    private final RoundTrip next;

    public AttemptDeadline(RoundTrip next) {
        this.next = next;
    }

    @Override
    public Future<Reply> send(Intent intent, Request request, Informational informational) {
        Optional<Duration> limit = request.tries().backendRequest().filter(time -> !time.isZero());
        Future<Reply> sent = next.send(intent, request, informational);
        return limit.isEmpty() || sent.isDone() ? sent : within(limit.get(), request, sent);
    }

    /** What fails for a limit: where there never was a connection, no reply is what was late (RFC 9209 §2.3). */
    static Refused late(String name, Duration limit, boolean connected) {
        String what = connected ? "no reply" : "no connection";
        String text = "limit " + name + ": " + what + " within " + limit.toMillis() + "ms";
        Refused late = Refused.unanswered(Refusal.TIMED_OUT, text);
        return connected ? late.as(ProxyError.HTTP_RESPONSE_TIMEOUT) : late;
    }

    private static Future<Reply> within(Duration limit, Request request, Future<Reply> sent) {
        Promise<Reply> reply = request.body().eventLoop().newPromise();
        var timer = request.body()
                .eventLoop()
                .schedule(
                        () -> {
                            boolean connected = request.giveUpLate(sent);
                            Refused late = late("backendRequest", limit, connected);
                            reply.tryFailure(connected ? late : late.asUntouched());
                        },
                        limit.toNanos(),
                        TimeUnit.NANOSECONDS);
        reply.addListener(done -> {
            timer.cancel(false);
            if (done.isCancelled()) {
                sent.cancel(false);
            }
        });
        sent.addListener(done -> {
            if (done.isCancelled() && request.isLate()) {
                return; // The reply fails with what was late.
            }
            if (!done.isSuccess()) {
                reply.tryFailure(done.cause());
            } else if (!reply.trySuccess(sent.getNow())) {
                sent.getNow().body().close();
            }
        });
        return reply;
    }
}
