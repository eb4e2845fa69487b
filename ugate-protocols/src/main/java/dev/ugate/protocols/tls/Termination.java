package dev.ugate.protocols.tls;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.net.tls.PeerCertificate;
import dev.ugate.net.tls.TlsHandshake;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;

/**
 * Peels TLS off: handshake, then the plaintext enters the gate again. Handshakes in progress are counted by loop, so nothing is shared;
 * {@code limits.handshakes} bounds them (L13).
 */
final class Termination {
    private final FastThreadLocal<int[]> running = new FastThreadLocal<>() {
        @Override
        protected int[] initialValue() {
            return new int[1];
        }
    };

    /** One handshake: the certificate with its policy, who was asked for, who else it stands for, and whom to tell of its success. */
    record Terms(
            SslContext context,
            Optional<String> serverName,
            Predicate<String> covered,
            BiConsumer<Channel, TlsHandshake.Session> proven) {}

    /** Throws {@link Refused} OVERLOADED when this loop has enough to do. */
    void admit(Connection connection) {
        int limit = connection.ingress().settings().limits().handshakes();
        if (running.get()[0] >= limit) {
            throw Refused.because(Refusal.OVERLOADED, "handshakes: " + limit + " in progress");
        }
    }

    /** Adds TLS to the end of the pipeline; its plaintext enters the gate with what the handshake proved. */
    void begin(Channel client, Gate gate, Terms terms) {
        int[] count = running.get();
        count[0]++;
        var limit = Connection.of(client).ingress().settings().timeouts().handshake();
        Future<TlsHandshake.Session> handshake =
                TlsHandshake.begin(client, terms.context.newHandler(client.alloc()), limit);
        handshake.addListener(done -> {
            count[0]--;
            if (done.isSuccess()) {
                enter(client, gate, handshake.getNow(), terms);
            } else {
                failed(client, refused(done.cause()));
            }
        });
    }

    private static void enter(Channel client, Gate gate, TlsHandshake.Session session, Terms terms) {
        Connection connection = Connection.of(client);
        try {
            proven(connection, session)
                    .withTls(session.alpn(), terms.serverName)
                    .covering(terms.covered)
                    .deeper()
                    .on(client);
        } catch (Refused refused) {
            failed(client, refused);
            client.close();
            return;
        }
        terms.proven.accept(client, session);
        gate.enter(client);
    }

    /** A member of the mesh was verified already; another certificate proves whom it names. */
    private static Connection proven(Connection connection, TlsHandshake.Session session) {
        return session.member()
                .map(member -> connection.proven(member, true))
                .or(() -> session.peer().map(leaf -> connection.proven(PeerCertificate.identity(leaf), false)))
                .orElse(connection);
    }

    /** The alert was sent by TLS itself, and the channel closes. */
    private static void failed(Channel client, Refused why) {
        Connection connection = Connection.of(client);
        connection.ingress().settings().journal().failed(connection, "tls", why.in("tls"));
    }

    private static Refused refused(Throwable cause) {
        if (cause instanceof SslHandshakeTimeoutException) {
            return Refused.because(Refusal.TIMED_OUT, "limit handshake: not complete in time");
        }
        String text = String.valueOf(cause.getMessage());
        if (PeerCertificate.isAbout(cause) || text.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")) {
            return Refused.because(Refusal.UNAUTHENTICATED, "client certificate: " + PeerCertificate.reason(cause));
        }
        return Refused.malformed("handshake: "
                + (cause instanceof SSLException ? text : cause.getClass().getSimpleName() + ": " + text));
    }
}
