package dev.ugate.protocols.tls;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.UsualPort;
import dev.ugate.net.Dialogue;
import dev.ugate.net.tls.Certificates;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads one ClientHello, consumes nothing, and decides: terminate, pass through, or an alert (RFC 8446 §6.2). */
final class Hello implements Dialogue {
    private static final int ILLEGAL_PARAMETER = 47;
    private static final int NO_APPLICATION_PROTOCOL = 120;

    private final Certificates certificates;
    private final Termination termination;
    private final Gate gate;
    private int alert;

    Hello(Certificates certificates, Termination termination, Gate gate) {
        this.certificates = certificates;
        this.termination = termination;
        this.gate = gate;
    }

    @Override
    public Outcome read(Channel client, ByteBuf in) {
        int limit =
                Connection.of(client).ingress().settings().limits().helloBytes().toInt();
        Optional<byte[]> body = HelloRecords.collect(in, limit);
        return body.isEmpty() ? Outcome.MORE : decide(client, parse(body.get()));
    }

    private ClientHello parse(byte[] body) {
        try {
            return ClientHello.parse(body);
        } catch (ClientHello.Illegal illegal) {
            alert = ILLEGAL_PARAMETER;
            throw Refused.malformed(String.valueOf(illegal.getMessage()));
        }
    }

    private Outcome decide(Channel client, ClientHello hello) {
        Connection connection = Connection.of(client);
        Optional<HostPort> target = target(connection, hello);
        Optional<HostPort> captured = connection.peer().captured();
        if (captured.isPresent()) {
            // Meant for somebody else, whatever certificates there are here.
            return new Open(
                    new Intent("tls", connection.peer(), target.orElse(captured.get()), Shape.BYTES, labels(hello)));
        }
        // A server name that is no host name (a nonce of attested TLS) asks for no host: as if there were none.
        Optional<SslContext> ours = certificates.choose(connection.ingress(), target.map(HostPort::host), hello.alpn());
        if (ours.isPresent()) {
            checkAlpn(ours.get(), hello.alpn());
            termination.admit(connection);
            var terms = new Termination.Terms(
                    ours.get(),
                    target.map(HostPort::host),
                    host -> certificates
                            .choose(connection.ingress(), Optional.of(host), hello.alpn())
                            .equals(ours),
                    certificates::proven);
            return new Continue(() -> termination.begin(client, gate, terms));
        }
        if (target.isEmpty()) {
            throw Refused.because(Refusal.NO_ROUTE, "no server name and no certificate: expected a server name");
        }
        return new Open(new Intent("tls", connection.peer(), target.get(), Shape.BYTES, labels(hello)));
    }

    /** T4: a client that speaks only what this server does not must not be answered as if it spoke something else. */
    private void checkAlpn(SslContext context, List<String> offered) {
        List<String> known = context.applicationProtocolNegotiator().protocols();
        if (!offered.isEmpty() && !known.isEmpty() && offered.stream().noneMatch(known::contains)) {
            alert = NO_APPLICATION_PROTOCOL;
            throw Refused.malformed("application protocols " + offered + ": expected one of " + known);
        }
    }

    private static Optional<HostPort> target(Connection connection, ClientHello hello) {
        Peer peer = connection.peer();
        int port = peer.captured()
                .map(HostPort::port)
                .orElseGet(() -> connection.ingress().port().orElse(UsualPort.HTTPS));
        try {
            return hello.sni().map(name -> new HostPort(name, port));
        } catch (Refused noHostName) {
            return Optional.empty();
        }
    }

    private static Map<String, String> labels(ClientHello hello) {
        Map<String, String> labels = new HashMap<>();
        hello.sni().ifPresent(name -> labels.put("sni", name));
        if (!hello.alpn().isEmpty()) {
            labels.put("alpn", String.join(",", hello.alpn()));
        }
        return labels;
    }

    @Override
    public ByteBuf yes(Channel client, Channel upstream) {
        return Unpooled.EMPTY_BUFFER;
    }

    @Override
    public ByteBuf no(Channel client, Refused why) {
        int description = alert != 0 ? alert : description(why.reason());
        return client.alloc().buffer(7).writeBytes(new byte[] {21, 3, 3, 0, 2, 2, (byte) description});
    }

    private static int description(Refusal reason) {
        return switch (reason) {
            case MALFORMED -> 50;
            case UNAUTHENTICATED -> 116;
            case DENIED -> 49;
            case NO_ROUTE -> 112;
            case UNRESOLVED,
                    UNREACHABLE,
                    CONNECTION_REFUSED,
                    TIMED_OUT,
                    UPSTREAM_IDENTITY,
                    OVERLOADED,
                    LOOP,
                    DRAINING,
                    INTERNAL -> 80;
        };
    }
}
