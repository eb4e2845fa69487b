package dev.ugate.net.tls;

import dev.ugate.spi.Ingress;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Optional;

/** The certificates that TLS may be terminated with; replaced whole when the files change. */
public interface Certificates {
    Certificates NONE = (sni, alpn) -> Optional.empty();

    /**
     * The server context for a ClientHello: a certificate whose names cover the SNI; without SNI the first certificate; empty when
     * the connection is not ours to terminate. {@code sni} is lower case, {@code alpn} in the client's order.
     */
    Optional<SslContext> choose(Optional<String> sni, List<String> alpn);

    /** The same on a listener, where members of the mesh may be asked for. */
    default Optional<SslContext> choose(Ingress listener, Optional<String> sni, List<String> alpn) {
        return choose(sni, alpn);
    }

    /** A handshake with one of these contexts is complete on {@code channel}; on its loop. */
    default void proven(Channel channel, TlsHandshake.Session session) {}
}
