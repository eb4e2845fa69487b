package dev.ugate.net.tls;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.EarlyReads;
import dev.ugate.net.Failures;
import dev.ugate.net.LayerDial;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Speaks TLS as a client over another transport. Who the server is, is always verified: the endpoint's expected identity when it has
 * one, else the host name (T31). Options of the carrier: {@code serverName}, {@code ca} (a PEM file), {@code alpn} (names and commas).
 */
public final class TlsTransport implements Transport {
    /** What was negotiated on a channel that offered something (RFC 7301); absent where the server chose nothing. */
    public static final AttributeKey<String> ALPN = AttributeKey.valueOf("ugate.alpn");

    private static final String NOUN = "tls";

    private final Transport below;
    private final Executor blocking;
    private final Map<Trust, CompletableFuture<SslContext>> contexts = new ConcurrentHashMap<>();

    /** What makes one context differ from another. */
    private record Trust(Optional<String> ca, boolean hostNames, List<String> alpn) {}

    /** Files are read on {@code blocking}. */
    public TlsTransport(Transport below, Executor blocking) {
        this.below = below;
        this.blocking = blocking;
    }

    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        Map<String, String> options = dial.carrier().options();
        List<String> alpn = Optional.ofNullable(options.get("alpn"))
                .map(names -> Arrays.asList(names.split(",")))
                .orElse(List.of());
        Trust trust = new Trust(
                Optional.ofNullable(options.get("ca")),
                dial.endpoint().identity().isEmpty(),
                List.copyOf(alpn));
        CompletableFuture<SslContext> context =
                contexts.computeIfAbsent(trust, key -> CompletableFuture.supplyAsync(() -> load(key), blocking));
        return LayerDial.through(
                below,
                dial,
                loop,
                NOUN,
                (channel, promise) -> context.whenComplete((loaded, failure) -> loop.execute(() -> {
                    if (failure != null) {
                        contexts.remove(trust, context);
                        promise.tryFailure(Refused.because(
                                Refusal.UPSTREAM_IDENTITY, NOUN + ": " + PeerCertificate.reason(failure)));
                    } else {
                        handshake(dial, channel, loaded, promise);
                    }
                })));
    }

    private static SslContext load(Trust trust) {
        try {
            var issuers = trust.ca.isPresent() ? Pem.certificates(Path.of(trust.ca.get())) : null;
            return TlsContexts.client(issuers, trust.hostNames, trust.alpn);
        } catch (IOException e) {
            throw new CompletionException(new UncheckedIOException(e.getMessage(), e));
        }
    }

    private static void handshake(Dial dial, Channel channel, SslContext context, Promise<Channel> promise) {
        if (promise.isDone()) {
            return;
        }
        String name = Optional.ofNullable(dial.carrier().options().get("serverName"))
                .orElse(dial.endpoint().host().host());
        Duration limit = Duration.ofNanos(Math.max(1, dial.deadline() - System.nanoTime()));
        var handler =
                context.newHandler(channel.alloc(), name, dial.endpoint().host().port());
        EarlyReads early = new EarlyReads();
        Future<TlsHandshake.Session> handshake = TlsHandshake.begin(channel, handler, limit);
        channel.pipeline().addLast(early);
        handshake.addListener(done -> {
            Optional<Refused> why =
                    done.isSuccess() ? unexpected(dial, handshake.getNow()) : Optional.of(refused(done.cause()));
            early.open();
            if (why.isPresent()) {
                promise.tryFailure(why.get().in(NOUN));
            } else {
                channel.attr(ALPN).set(handshake.getNow().alpn().orElse(null));
                promise.trySuccess(channel);
            }
        });
    }

    private static Optional<Refused> unexpected(Dial dial, TlsHandshake.Session session) {
        Optional<String> expected = dial.endpoint().identity();
        if (expected.isEmpty()) {
            return Optional.empty();
        }
        try {
            String proven = session.peer()
                    .map(leaf -> PeerCertificate.identity(leaf).name())
                    .orElse("none");
            return proven.equals(expected.get())
                    ? Optional.empty()
                    : Optional.of(Refused.because(
                            Refusal.UPSTREAM_IDENTITY, "peer identity " + proven + ": expected " + expected.get()));
        } catch (Refused unreadable) {
            return Optional.of(Refused.because(Refusal.UPSTREAM_IDENTITY, "peer " + unreadable.text()));
        }
    }

    private static Refused refused(Throwable cause) {
        if (PeerCertificate.isAbout(cause)) {
            return Refused.because(Refusal.UPSTREAM_IDENTITY, "peer certificate: " + PeerCertificate.reason(cause));
        }
        if (cause instanceof SslHandshakeTimeoutException) {
            return Refused.because(Refusal.TIMED_OUT, "limit connect: handshake not complete in time");
        }
        return cause instanceof NotSslRecordException
                ? Refused.because(Refusal.UNREACHABLE, "handshake: the peer speaks no TLS")
                : Failures.refused(cause).in("handshake");
    }
}
