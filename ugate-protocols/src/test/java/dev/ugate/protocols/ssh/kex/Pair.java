package dev.ugate.protocols.ssh.kex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Limits;
import dev.ugate.model.Timeouts;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.spi.Settings;
import dev.ugate.testing.Notes;
import dev.ugate.testing.Wire;
import java.security.SecureRandom;
import java.util.List;

/** Both ends of a connection without a socket. */
final class Pair {
    static final SecureRandom RANDOM = Terms.seeded();
    static final Settings SETTINGS = new Settings(Timeouts.STANDARD, Limits.STANDARD, new Notes());

    final Host host = new Host();
    final Recorder clientLayer;
    final Recorder serverLayer;
    final Wire client = Wire.upstream();
    final Wire server = Wire.upstream();
    final Link clientLink;
    final Link serverLink;
    private long carried;

    Pair() {
        this(Algorithms.STANDARD, Renewal.STANDARD, new Recorder(), new Recorder());
    }

    Pair(Algorithms algorithms, Renewal renewal, Recorder clientLayer, Recorder serverLayer) {
        this.clientLayer = clientLayer;
        this.serverLayer = serverLayer;
        clientLink = new Link(client, terms(new Side.Client(host), algorithms, renewal), clientLayer);
        serverLink = new Link(server, terms(server(host), algorithms, renewal), serverLayer);
    }

    static Side.Server server(Host host) {
        return new Side.Server(host, List.of(new Side.Extension("server-sig-algs", Host.ED25519), Side.Extension.PING));
    }

    static Terms terms(Side side, Algorithms algorithms, Renewal renewal) {
        return new Terms(side, algorithms, renewal, SETTINGS, RANDOM);
    }

    static Algorithms only(String method, String cipher) {
        return new Algorithms(List.of(method), List.of(cipher));
    }

    static Link serve(Wire wire, Host host, Layer layer) {
        Link link = new Link(wire, terms(server(host), Algorithms.STANDARD, Renewal.STANDARD), layer);
        wire.pipeline().addLast(link);
        return link;
    }

    Pair begin() {
        server.pipeline().addLast(serverLink);
        client.pipeline().addLast(clientLink);
        pump();
        return this;
    }

    /** Both ends count as authenticated. */
    Pair trusting() {
        begin();
        clientLayer.say(Message.SERVICE_REQUEST, new byte[0]);
        clientLayer.trust();
        pump();
        return this;
    }

    /** Carries bytes to and fro until nobody has anything to say. */
    void pump() {
        boolean more = true;
        while (more) {
            byte[] out = client.heardBytes();
            byte[] back = server.heardBytes();
            carried += out.length + back.length;
            more = out.length + back.length > 0;
            server.send(out);
            client.send(back);
        }
    }

    long carried() {
        return carried;
    }

    List<Violation> closed() {
        return java.util.stream.Stream.concat(clientLayer.closed.stream(), serverLayer.closed.stream())
                .toList();
    }

    /** Ends both, and nothing may be left of them. */
    void end() {
        client.close();
        server.close();
        for (Wire wire : List.of(client, server)) {
            wire.heard();
            wire.checkException();
            assertThat(wire.tally().live()).isEmpty();
        }
    }
}
