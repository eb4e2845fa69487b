package dev.ugate.app.client;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.Timeouts;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.UsualPort;
import dev.ugate.protocols.http.semantics.CanonicalPath;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.spi.Ingress.HttpRules.EncodedSlash;
import dev.ugate.spi.RoundTrip;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A {@link HttpClient} whose requests go the way of proxied ones: policy, routes, discovery, balance, pools and retries of ugate. TLS to
 * the upstream is a route's or a service's to say, so that only {@code http} addresses are asked. Follows no redirects, keeps no cookies.
 */
public final class UgateHttpClient extends HttpClient {

    private final RoundTrip roundTrip;
    private final Supplier<EventLoop> loops;
    private final Supplier<Timeouts> timeouts;
    private final Peer peer;
    private final Executor executor;

    /**
     * Sends each request on the next of {@code loops}, as {@code peer}; {@code timeouts} bound how long a reply may stand still. Subscribers
     * are called on the common pool.
     */
    public UgateHttpClient(RoundTrip roundTrip, Supplier<EventLoop> loops, Supplier<Timeouts> timeouts, Peer peer) {
        this.roundTrip = roundTrip;
        this.loops = loops;
        this.timeouts = timeouts;
        this.peer = peer;
        this.executor = ForkJoinPool.commonPool();
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<T>> sent = sendAsync(request, handler);
        try {
            return sent.get();
        } catch (InterruptedException interrupted) {
            sent.cancel(true);
            throw interrupted;
        } catch (ExecutionException failed) {
            Throwable cause = Objects.requireNonNullElse(failed.getCause(), failed);
            if (cause instanceof HttpTimeoutException late) {
                throw late;
            }
            // Thrown anew, so that its stack is the caller's; the cause stays what it is.
            throw new IOException(cause.getMessage(), Objects.requireNonNullElse(cause.getCause(), cause));
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        URI uri = request.uri();
        if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("uri " + uri + ": expected http://host");
        }
        try {
            return sendAsync(request, intent(request, uri), handler);
        } catch (Rejected rejected) {
            return refused(rejected.why());
        } catch (Refused refused) {
            return refused(refused);
        }
    }

    private static <T> CompletableFuture<T> refused(Refused why) {
        return CompletableFuture.failedFuture(new IOException(why.text(), why));
    }

    private <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, Intent intent, HttpResponse.BodyHandler<T> handler) {
        EventLoop loop = loops.get();
        var call = new Call<>(request, intent, handler, executor, timeouts.get());
        loop.execute(() -> call.begin(loop, roundTrip));
        return call.response();
    }

    /** What policy and routes judge: the path has one spelling here too (T43), or a rule could be passed by another one. */
    private Intent intent(HttpRequest request, URI uri) {
        int port = uri.getPort() < 0 ? UsualPort.HTTP : uri.getPort();
        HostPort target = HostPort.parse(uri.getRawAuthority().replaceFirst("^.*@", ""), port);
        String path = CanonicalPath.of(path(uri), EncodedSlash.KEEP);
        return new Intent(
                "http",
                peer,
                target,
                Shape.MESSAGES,
                Map.of("method", request.method(), "path", path),
                fields(request));
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request,
            HttpResponse.BodyHandler<T> handler,
            HttpResponse.@Nullable PushPromiseHandler<T> pushes) {
        return sendAsync(request, handler);
    }

    private static String path(URI uri) {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    private static Fields fields(HttpRequest request) {
        Fields.Builder fields = new Fields.Builder();
        request.headers().map().forEach((name, values) -> {
            for (String value : values) {
                fields.add(name.toLowerCase(Locale.ROOT), value);
            }
        });
        if (request.expectContinue() && hasBody(request)) {
            fields.add("expect", "100-continue");
        }
        return fields.build();
    }

    private static boolean hasBody(HttpRequest request) {
        return request.bodyPublisher()
                .filter(publisher -> publisher.contentLength() != 0)
                .isPresent();
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return Optional.empty();
    }

    @Override
    public Redirect followRedirects() {
        return Redirect.NEVER;
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return Optional.empty();
    }

    /** The JDK's own, which nothing here uses. */
    @Override
    public SSLContext sslContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public SSLParameters sslParameters() {
        return new SSLParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return Optional.empty();
    }

    @Override
    public Version version() {
        return Version.HTTP_1_1;
    }

    @Override
    public Optional<Executor> executor() {
        return Optional.of(executor);
    }
}
