package dev.ugate.protocols.http.reverse;

import dev.ugate.config.ConfigFile;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.model.Timeouts;
import dev.ugate.net.Listener;
import dev.ugate.net.Loops;
import dev.ugate.net.reverse.Reverse;
import dev.ugate.net.reverse.Watch;
import dev.ugate.protocols.http.Http;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.Arrival;
import dev.ugate.spi.Ingress.Inbound;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Sniffer;
import dev.ugate.testing.Waist;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/** A gateway or a node in this JVM, in the clear: who a peer is says the name of the listener that it comes to. */
final class Site implements AutoCloseable {
    private static final String KNOWN = "known ";

    /** What a mooring was told: {@code up}, or {@code down} and why. */
    final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    final Waist waist;
    final Reverse reverse;
    final Settings settings;
    private final Http http;

    Site(Reverse.Terms terms) {
        Limits limits = ConfigFile.parse(
                        "version: 1\nlisteners: [{address: \"127.0.0.1:0\"}]\n"
                                + "limits: {reversePing: 200ms, reversePatience: 600ms}\n",
                        Path.of("/"))
                .limits();
        reverse = new Reverse(() -> terms);
        http = new Http(reverse);
        waist = new Waist(Loops.Backend.EPOLL, Timeouts.STANDARD, List.of(new Known(), http), 10_000);
        settings = new Settings(Timeouts.STANDARD, limits, waist.notes);
        waist.transports.add(Reverse.WORD, reverse);
        waist.decide(
                Waist.OPEN,
                target -> reverse.resolve(target)
                                .toCompletableFuture()
                                .getNow(Optional.empty())
                                .isPresent()
                        ? reverse.resolve(target)
                        : Waist.LITERALS.resolve(target));
    }

    /** Makes every peer of a listener somebody whom its name names. */
    private static final class Known implements Protocol {
        @Override
        public String name() {
            return "known";
        }

        @Override
        public Sniffer sniffer() {
            return Sniffer.NEVER;
        }

        @Override
        public boolean demanded(Connection connection) {
            return connection.depth() == 0 && connection.ingress().name().startsWith(KNOWN);
        }

        @Override
        public void serve(Channel connection, Gate gate) {
            Connection accepted = Connection.of(connection);
            accepted.proven(identity(accepted.ingress().name().substring(KNOWN.length())), true)
                    .deeper()
                    .on(connection);
            gate.enter(connection);
        }
    }

    static Identity identity(String name) {
        return new Identity(name, Identity.Proof.KEY);
    }

    private Ingress ingress(String name, Arrival arrival) {
        return new Ingress(
                name,
                Ingress.Forward.OPEN,
                List.of(),
                Optional.empty(),
                Credentials.NONE,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                settings,
                Ingress.HttpRules.STANDARD,
                arrival);
    }

    /** A listener whose peers are all {@code peer}. */
    Listener listen(String peer) {
        return Listener.bind(
                        waist.loops,
                        waist.admission,
                        waist.gate,
                        new InetSocketAddress("127.0.0.1", 0),
                        () -> ingress(KNOWN + peer, Arrival.DIRECT))
                .awaitUninterruptibly()
                .getNow();
    }

    /** A mooring at the gateway that is there now, under these names; streams go to applications on this machine. */
    Mooring moor(Supplier<InetSocketAddress> gateway, String... names) {
        Inbound here = new Inbound(InetAddress.getLoopbackAddress(), List.of(Carrier.TCP), Set.of(names));
        Ingress ingress = ingress("reverse", new Arrival(false, Optional.of(here)));
        HostPort asked = new HostPort("gateway.m", 15008);
        Mooring.Way way = (loop, deadline) -> waist.transports.dial(
                new Dial(
                        Intent.bytes("tcp", Peer.of(gateway.get(), gateway.get()), asked),
                        Endpoint.tcp(asked, List.of(gateway.get())),
                        deadline),
                loop);
        Watch watch = new Watch() {
            @Override
            public void up(HostPort at) {
                told.add("up");
            }

            @Override
            public void down(HostPort at, Refused why) {
                told.add("down " + why.text());
            }
        };
        Mooring mooring = http.mooring(
                new Mooring.Terms(
                        asked, List.of(names), way, Optional.of(identity("key:GATEWAY")), () -> ingress, watch),
                waist.gate,
                waist.loops.next());
        mooring.begin();
        return mooring;
    }

    @Override
    public void close() {
        waist.close();
    }
}
