package dev.ugate.app.client;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Relay;
import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.spi.RoundTrip;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request of a {@link UgateHttpClient} and its response. Its channel is what the request's body is read from and what the reply's
 * body is written to; it takes no more of a reply than the response's subscriber asked for.
 */
final class Call<T> implements ForeignChannel.Far {
    private static final int CONTINUE = 100;

    private final HttpRequest request;
    private final Intent intent;
    private final HttpResponse.BodyHandler<T> handler;
    private final Timeouts timeouts;
    private final CompletableFuture<HttpResponse<T>> response = new CompletableFuture<>();
    private final Download download;
    private final ForeignChannel channel = new ForeignChannel(null, this);
    private @Nullable Upload upload;

    Call(
            HttpRequest request,
            Intent intent,
            HttpResponse.BodyHandler<T> handler,
            Executor executor,
            Timeouts timeouts) {
        this.request = request;
        this.intent = intent;
        this.handler = handler;
        this.timeouts = timeouts;
        this.download = new Download(channel, executor);
    }

    CompletableFuture<HttpResponse<T>> response() {
        return response;
    }

    /** Sends the request; on the loop. */
    void begin(EventLoop loop, RoundTrip roundTrip) {
        loop.register(channel);
        Optional<HttpRequest.BodyPublisher> publisher = request.bodyPublisher();
        long length = publisher.map(HttpRequest.BodyPublisher::contentLength).orElse(0L);
        if (length == 0) {
            channel.deliver(Fin.FIN);
        } else {
            Upload body = new Upload(channel, publisher.orElseThrow(), this::failed);
            upload = request.expectContinue() ? body.waiting(timeouts.idle()) : body;
        }
        String path = intent.labels().getOrDefault("path", "/");
        Request sent = new Request(request.method(), "http", intent.target(), path, intent.fields(), length, channel);
        Future<Reply> reply = roundTrip.send(intent, sent, (status, fields) -> informed(status));
        channel.closeFuture().addListener(closed -> reply.cancel(false));
        response.whenComplete((done, failure) -> {
            if (response.isCancelled()) {
                reply.cancel(false);
                channel.close();
            }
        });
        request.timeout().ifPresent(limit -> within(limit, loop, reply));
        reply.addListener(done -> {
            if (reply.isSuccess()) {
                replied(reply.getNow());
            } else {
                failed(reply.cause());
            }
        });
    }

    /** As {@link HttpRequest#timeout} says: until the head of the reply. */
    private void within(Duration limit, EventLoop loop, Future<Reply> reply) {
        var timer = loop.schedule(
                () -> {
                    failed(new HttpTimeoutException("request: no reply within " + limit.toMillis() + "ms"));
                    reply.cancel(false);
                },
                limit.toNanos(),
                TimeUnit.NANOSECONDS);
        reply.addListener(done -> timer.cancel(false));
    }

    private void informed(int status) {
        if (status == CONTINUE && upload != null) {
            upload.proceed();
        }
    }

    private void replied(Reply reply) {
        if (upload != null) {
            upload.answered();
        }
        Answer<T> head = new Answer<>(request, reply.status(), headers(reply.fields()), null);
        download.run(() -> {
            HttpResponse.BodySubscriber<T> subscriber = subscriber(head);
            subscriber.getBody().whenComplete((body, failure) -> {
                if (failure == null) {
                    response.complete(head.with(body));
                } else {
                    failed(failure);
                }
            });
            download.begin(subscriber);
        });
        Relay.oneWay(reply.body(), channel, timeouts, (in, out, broken) -> broken.ifPresent(this::broke));
    }

    /** A program's own code, whose failure has to reach whoever waits. */
    private HttpResponse.BodySubscriber<T> subscriber(HttpResponse.ResponseInfo head) {
        try {
            return handler.apply(head);
        } catch (RuntimeException wrong) {
            failed(wrong);
            throw wrong;
        }
    }

    private void broke(Refused why) {
        download.failed(new IOException(why.text(), why));
        channel.close();
    }

    private void failed(Throwable cause) {
        response.completeExceptionally(
                cause instanceof IOException ? cause : new IOException(String.valueOf(cause.getMessage()), cause));
        channel.close();
    }

    private static HttpHeaders headers(Fields fields) {
        Map<String, List<String>> map = new LinkedHashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            map.computeIfAbsent(fields.name(i), name -> new ArrayList<>(1)).add(fields.value(i));
        }
        return HttpHeaders.of(map, (name, value) -> true);
    }

    @Override
    public int write(ByteBuf bytes) {
        return download.write(bytes);
    }

    @Override
    public void finish(Fin fin) {
        download.finish();
        // Not now: the relay has yet to hear that the end was taken.
        channel.eventLoop().execute(channel::close);
    }

    @Override
    public void read() {
        if (upload != null) {
            upload.wanted();
        }
    }

    @Override
    public void close() {
        if (upload != null) {
            upload.cancel();
        }
        // Not now: a relay that closes has yet to say why.
        channel.eventLoop().execute(() -> download.failed(new IOException("closed before the response ended")));
    }
}
