package dev.ugate.protocols.ssh;

import dev.ugate.config.ssh.SshOffers;
import dev.ugate.model.Peer;
import dev.ugate.net.Admission;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.protocols.ssh.auth.Party;
import dev.ugate.protocols.ssh.channel.Bounds;
import dev.ugate.protocols.ssh.channel.Engine;
import dev.ugate.protocols.ssh.channel.Hops;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.protocols.ssh.kex.Link;
import dev.ugate.protocols.ssh.kex.Renewal;
import dev.ugate.protocols.ssh.kex.Side;
import dev.ugate.protocols.ssh.kex.Terms;
import dev.ugate.protocols.ssh.program.Commands;
import dev.ugate.protocols.ssh.reverse.Mooring;
import dev.ugate.protocols.ssh.server.Guest;
import dev.ugate.protocols.ssh.server.ServerConnection;
import dev.ugate.protocols.ssh.server.Sockets;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Registry;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Sniffer;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/** SSH on an accepted connection: who logs in opens streams, and may be reached through it (RFC 4254). */
public final class Ssh implements Protocol {
    private static final Sniffer SNIFFER = Sniffer.prefix("SSH-");

    private final Entrance entrance;
    private final House house;
    private final SecureRandom random;
    private final Executor arithmetic;
    private final Hops hops;

    /**
     * What there is for those who are in.
     *
     * @param registry the names that they may be reached by
     * @param sockets what listens on this machine for them, through a gate; empty where nothing does
     * @param offers what else they may have of it
     * @param commands what sessions run; empty where they run nothing
     * @param about what a peer is told of what it may reach
     */
    public record House(
            Registry registry,
            Optional<Function<Gate, Sockets>> sockets,
            Supplier<SshOffers> offers,
            Optional<Commands> commands,
            Function<Peer, String> about) {
        Optional<Sockets> sockets(Gate gate) {
            return sockets.map(made -> made.apply(gate));
        }
    }

    /** Who is let in. */
    interface Entrance {
        /** The host keys that a client sees, and what it is told; {@code version} is the line that it began with, once it is there. */
        Side.Server side(Supplier<String> version);

        /** What key exchanges may be made of. */
        default Algorithms keyExchange() {
            return Algorithms.STANDARD;
        }

        /** What a client meets first; hands over to what {@code next} makes for the guest that it proved to be. */
        Layer guard(Channel connection, Function<Guest, Layer> next);
    }

    /** Lets in nobody. */
    public Ssh() {
        this(
                new ClosedDoor(),
                new House(
                        new Reverse(() -> Reverse.Terms.NOBODY),
                        Optional.empty(),
                        () -> SshOffers.NOTHING,
                        Optional.empty(),
                        peer -> ""),
                new SecureRandom(),
                Terms.ON_THE_LOOP);
    }

    /** Lets in whom {@code party} does, into {@code house}; {@code random} and {@code arithmetic} as in {@link Terms}. */
    public Ssh(Party party, House house, SecureRandom random, Executor arithmetic) {
        this(new FrontDoor(party), house, random, arithmetic);
    }

    Ssh(Entrance entrance, House house, SecureRandom random, Executor arithmetic) {
        this.arithmetic = arithmetic;
        this.entrance = entrance;
        this.house = house;
        this.random = random;
        this.hops = new Hops("ugate-" + HexFormat.of().toHexDigits(random.nextInt()));
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
        Vestibule vestibule = new Vestibule(connection);
        vestibule.guard(entrance.guard(channel, guest -> {
            vestibule.leave();
            return inside(channel, gate, guest);
        }));
        Terms terms = new Terms(
                entrance.side(vestibule::version),
                entrance.keyExchange(),
                Renewal.of(settings.limits().ssh()),
                settings,
                random,
                arithmetic);
        vestibule.begin(new Link(channel, terms, vestibule));
    }

    private ServerConnection.Means means(Gate gate) {
        return new ServerConnection.Means(
                gate, house.registry(), house.sockets(gate), house.offers(), house.commands(), house.about(), hops);
    }

    /** What keeps this node reachable at a gateway; its streams come to {@code gate} on {@code loop}. */
    public Mooring mooring(Mooring.Terms terms, Gate gate, EventLoop loop) {
        return new Mooring(terms, means(gate), loop);
    }

    private Layer inside(Channel channel, Gate gate, Guest guest) {
        Admission.settled(channel);
        Connection connection = Connection.of(channel);
        Settings settings = connection.ingress().settings();
        guest.identity()
                .ifPresent(
                        identity -> connection.proven(identity, guest.member()).on(channel));
        ServerConnection.Means means = means(gate);
        return new Engine(
                new ServerConnection(means, guest), Bounds.of(settings.limits().ssh()), settings.pressure());
    }
}
