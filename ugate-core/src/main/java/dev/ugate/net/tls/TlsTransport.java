package dev.ugate.net.tls;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.Failures;
import dev.ugate.net.LayerDial;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
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
        Trust trust = new Trust(
                Optional.ofNullable(dial.carrier().options().get("ca")),
                dial.endpoint().identity().isEmpty(),
                List.copyOf(TlsDial.offer(dial, List.of())));
        CompletableFuture<SslContext> context =
                contexts.computeIfAbsent(trust, key -> CompletableFuture.supplyAsync(() -> load(key), blocking));
        return LayerDial.through(
                below,
                dial,
                loop,
                TlsDial.NOUN,
                (channel, promise) -> context.whenComplete((loaded, failure) -> loop.execute(() -> {
                    if (failure != null) {
                        contexts.remove(trust, context);
                        promise.tryFailure(Refused.because(
                                Refusal.UPSTREAM_IDENTITY, TlsDial.NOUN + ": " + PeerCertificate.reason(failure)));
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
        try {
            var handler = context.newHandler(
                    channel.alloc(), name, dial.endpoint().host().port());
            TlsDial.begin(dial, channel, handler, promise, session -> unexpected(dial, session));
        } catch (RuntimeException | OutOfMemoryError wrong) {
            promise.tryFailure(Failures.refused(wrong).in(TlsDial.NOUN));
        }
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
}
