package dev.ugate.net.tls;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.EarlyReads;
import dev.ugate.net.Failures;
import dev.ugate.spi.Dial;
import io.netty.channel.Channel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The handshake of a client on a dialled channel, and its failures in words. */
final class TlsDial {
    static final String NOUN = "tls";

    private TlsDial() {}

    /** What a layer offers (RFC 7301): option {@code alpn}, names and commas. */
    static List<String> offer(Dial dial, List<String> unless) {
        return Optional.ofNullable(dial.carrier().options().get("alpn"))
                .map(names -> Arrays.asList(names.split(",")))
                .orElse(unless);
    }

    /** Completes {@code promise} with {@code channel} where {@code judge} has nothing against what the handshake settled. */
    static void begin(
            Dial dial,
            Channel channel,
            SslHandler tls,
            Promise<Channel> promise,
            Function<TlsHandshake.Session, Optional<Refused>> judge) {
        Duration limit = Duration.ofNanos(Math.max(1, dial.deadline() - System.nanoTime()));
        EarlyReads early = new EarlyReads();
        Future<TlsHandshake.Session> handshake = TlsHandshake.begin(channel, tls, limit);
        channel.pipeline().addLast(early);
        handshake.addListener(done -> {
            Optional<Refused> why =
                    done.isSuccess() ? judge.apply(handshake.getNow()) : Optional.of(refused(done.cause()));
            early.open();
            if (why.isPresent()) {
                promise.tryFailure(why.get().in(NOUN));
            } else {
                channel.attr(TlsTransport.ALPN).set(handshake.getNow().alpn().orElse(null));
                promise.trySuccess(channel);
            }
        });
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
