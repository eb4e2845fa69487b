package dev.ugate.protocols.http;

import dev.ugate.net.Handshake;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.http.reverse.Mooring;
import dev.ugate.protocols.http.reverse.ReverseGate;
import dev.ugate.protocols.http.semantics.Intake;
import dev.ugate.protocols.http.ws.WebSocketGate;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/** HTTP/1 and HTTP/2 on an accepted connection: CONNECT opens streams, every other request is asked one by one. */
public final class Http implements Protocol {
    private static final Sniffer SNIFFER = new HttpSniffer();

    private final Intake intake;
    private final Reverse reverse;

    /** An instance with a pseudonym of its own, by which it knows requests that come back to it (RFC 9110 §7.6.3). */
    public Http() {
        this(new Reverse(() -> Reverse.Terms.NOBODY));
    }

    /** The same; nodes may become reachable by what {@code reverse} lets them. */
    public Http(Reverse reverse) {
        this("ugate-" + HexFormat.of().toHexDigits(new SecureRandom().nextInt()), reverse);
    }

    Http(String pseudonym) {
        this(pseudonym, new Reverse(() -> Reverse.Terms.NOBODY));
    }

    private Http(String pseudonym, Reverse reverse) {
        this.intake = new Intake(pseudonym);
        this.reverse = reverse;
    }

    /** What keeps this node reachable at a gateway; its streams come to {@code gate} on {@code loop}. */
    public Mooring mooring(Mooring.Terms terms, Gate gate, EventLoop loop) {
        return new Mooring(terms, new WebSocketGate(gate), intake, loop);
    }

    @Override
    public String name() {
        return "http";
    }

    @Override
    public Sniffer sniffer() {
        return SNIFFER;
    }

    @Override
    public List<String> alpn() {
        return List.of("h2", "http/1.1", "http/1.0");
    }

    @Override
    public void serve(Channel connection, Gate gate) {
        if (Connection.of(connection).peer().captured().isPresent()) {
            Handshake.begin(connection, gate, name(), new PassedHead());
            return;
        }
        connection.pipeline().addLast(new Opening(new WebSocketGate(new ReverseGate(gate, reverse)), intake));
    }
}
