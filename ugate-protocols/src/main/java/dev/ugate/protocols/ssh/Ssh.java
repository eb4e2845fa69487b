package dev.ugate.protocols.ssh;

import dev.ugate.net.Admission;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.protocols.ssh.kex.Link;
import dev.ugate.protocols.ssh.kex.Renewal;
import dev.ugate.protocols.ssh.kex.Side;
import dev.ugate.protocols.ssh.kex.Terms;
import dev.ugate.protocols.ssh.server.Guest;
import dev.ugate.protocols.ssh.server.ServerConnection;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Registry;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Sniffer;
import io.netty.channel.Channel;
import java.security.SecureRandom;
import java.util.function.Function;

/** SSH on an accepted connection: who logs in opens streams, and may be reached through it (RFC 4254). */
public final class Ssh implements Protocol {
    private static final Sniffer SNIFFER = Sniffer.prefix("SSH-");

    private final Entrance entrance;
    private final Registry registry;
    private final SecureRandom random = Terms.seeded();

    /** Who is let in. */
    public interface Entrance {
        /** The host keys that a client sees, and what it is told. */
        Side.Server side(Connection connection);

        /** What a client meets first; hands over to what {@code next} makes for the guest that it proved to be. */
        Layer guard(Channel connection, Function<Guest, Layer> next);
    }

    public Ssh(Entrance entrance, Registry registry) {
        this.entrance = entrance;
        this.registry = registry;
    }

    @Override
    public String name() {
        return "ssh";
    }

    @Override
    public Sniffer sniffer() {
        return SNIFFER;
    }

    @Override
    public void serve(Channel channel, Gate gate) {
        Connection connection = Connection.of(channel);
        Settings settings = connection.ingress().settings();
        Terms terms = new Terms(entrance.side(connection), Algorithms.STANDARD, Renewal.STANDARD, settings, random);
        Layer first = entrance.guard(channel, guest -> inside(channel, gate, guest));
        channel.pipeline().addLast(new Link(channel, terms, first));
    }

    private Layer inside(Channel channel, Gate gate, Guest guest) {
        Admission.settled(channel);
        Connection connection = Connection.of(channel);
        guest.identity()
                .ifPresent(
                        identity -> connection.proven(identity, guest.member()).on(channel));
        ServerConnection.Means means = new ServerConnection.Means(gate, registry, java.util.Optional.empty());
        return new Engine(
                new ServerConnection(means, guest),
                Bounds.STANDARD,
                connection.ingress().settings().pressure());
    }
}
