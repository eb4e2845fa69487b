package dev.ugate.protocols.http.semantics;

import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Refused;
import dev.ugate.model.http.UsualPort;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.spi.Connection;
import java.net.InetSocketAddress;
import java.util.Optional;

/** The server that a client takes this for, by what its connection says of it. */
final class Origin {
    private static final int MISDIRECTED = 421;

    private Origin() {}

    /** What a path and a host, which may be empty, mean there; throws {@link Rejected}, and {@link Refused} for a host that is none. */
    static RequestTarget target(String path, String host, Connection connection) {
        boolean tls = connection.tls();
        Optional<InetSocketAddress> captured = connection.peer().originalDestination();
        int port = connection.ingress().port().orElse(UsualPort.of(tls));
        HostPort authority;
        if (host.isEmpty() && captured.isPresent()) {
            authority = new HostPort(
                    Ip.text(captured.get().getAddress()), captured.get().getPort());
        } else {
            authority = HostPort.parse(host, port);
        }
        if (!connection.isFor(authority.host())) {
            throw Rejected.with(
                    MISDIRECTED,
                    "field host: this TLS connection is for " + connection.sni().orElse(""));
        }
        if (captured.isPresent()) {
            authority = authority.withPort(captured.get().getPort());
        }
        String canonical = path.equals("*")
                ? path
                : CanonicalPath.of(path, connection.ingress().http().encodedSlash());
        return new RequestTarget(tls ? "https" : "http", RequestTarget.withPort(authority), canonical, false);
    }

    /** What a client of HTTP/1.0 that names no host asks a gateway for: probes of load balancers do (RFC 9112 §3.3). */
    static String unnamed(Connection connection) {
        if (!Proxied.isGateway(connection)
                || connection.peer().originalDestination().isPresent()) {
            return "";
        }
        return connection
                .sni()
                .orElseGet(() -> connection.peer().local() instanceof InetSocketAddress local && !local.isUnresolved()
                        ? new HostPort(Ip.text(local.getAddress()), 0).text(0)
                        : "");
    }
}
