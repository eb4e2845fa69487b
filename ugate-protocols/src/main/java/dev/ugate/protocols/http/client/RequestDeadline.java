package dev.ugate.protocols.http.client;

import dev.ugate.model.Intent;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.RoundTrip;
import dev.ugate.spi.Settings;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Ends a request, with all its retries and its reply, that takes longer than its route or {@code timeouts.request} says. */
public final class RequestDeadline implements RoundTrip {
    private final RoundTrip next;
    private final Supplier<Settings> settings;

    public RequestDeadline(RoundTrip next, Supplier<Settings> settings) {
        this.next = next;
        this.settings = settings;
    }

    @Override
    public Future<Reply> send(Intent intent, Request request, Informational informational) {
        Duration limit = request.tries()
                .request()
                .orElseGet(() -> settings.get().timeouts().exchange().request());
        return limit.isZero() || request.upgrade().isPresent()
                ? next.send(intent, request, informational)
                : within(limit, request, next.send(intent, request, informational));
    }

    private static Future<Reply> within(Duration limit, Request request, Future<Reply> sent) {
        Promise<Reply> reply = request.body().eventLoop().newPromise();
        var timer = request.body()
                .eventLoop()
                .schedule(() -> late(limit, request, sent, reply), limit.toNanos(), TimeUnit.NANOSECONDS);
        reply.addListener(done -> {
            if (done.isCancelled()) {
                sent.cancel(false);
            }
        });
        sent.addListener(done -> {
            if (done.isCancelled() && request.isLate()) {
                return; // The reply fails with what was late.
            }
            if (!done.isSuccess()) {
                timer.cancel(false);
                reply.tryFailure(done.cause());
                return;
            }
            sent.getNow().body().closeFuture().addListener(closed -> timer.cancel(false));
            if (!reply.trySuccess(sent.getNow())) {
                sent.getNow().body().close();
            }
        });
        return reply;
    }

    private static void late(Duration limit, Request request, Future<Reply> sent, Promise<Reply> reply) {
        if (sent.isSuccess()) {
            sent.getNow().body().close();
        } else {
            // An earlier attempt may have been acted on, whatever the last one waits for.
            boolean connected = request.giveUpLate(sent) || Request.attempts(request.body()) > 1;
            reply.tryFailure(AttemptDeadline.late("request", limit, connected));
        }
    }
}
