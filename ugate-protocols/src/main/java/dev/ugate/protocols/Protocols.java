package dev.ugate.protocols;

import dev.ugate.net.tls.Certificates;
import dev.ugate.protocols.http.Http;
import dev.ugate.protocols.socks5.Socks5;
import dev.ugate.protocols.ssh.Ssh;
import dev.ugate.protocols.tls.Tls;
import dev.ugate.spi.Protocol;
import java.util.List;

/** Every way in, in the order in which the first bytes are tried; a new protocol is one line here. */
public final class Protocols {
    private Protocols() {}

    /** {@code certificates} are those that TLS may be terminated with. */
    public static List<Protocol> all(Certificates certificates) {
        return all(certificates, new Http(), new Ssh());
    }

    /** The same with HTTP and SSH as they were made elsewhere. */
    public static List<Protocol> all(Certificates certificates, Http http, Ssh ssh) {
        return List.of(new ProxyProtocol(), new Socks4(), new Socks5(), new Tls(certificates), ssh, http, new Mqtt());
    }

    /** What a terminated TLS connection may negotiate, in the order of the registry (RFC 7301). */
    public static List<String> applicationProtocols() {
        return all(Certificates.NONE).stream()
                .flatMap(protocol -> protocol.alpn().stream())
                .toList();
    }
}
