package dev.ugate.net.tls;

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
}
