package dev.ugate.protocols.ssh;

import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.protocols.ssh.auth.Login;
import dev.ugate.protocols.ssh.auth.OwnHostKeys;
import dev.ugate.protocols.ssh.auth.Party;
import dev.ugate.protocols.ssh.auth.UserAuth;
import dev.ugate.protocols.ssh.auth.UserKey;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.protocols.ssh.kex.Side;
import dev.ugate.protocols.ssh.server.Guest;
import dev.ugate.protocols.ssh.wire.Identification;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.spi.Connection;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The entrance that this process has: whose keys log in, and what its clients see of its own. */
record FrontDoor(Party party) implements Ssh.Entrance {
    @Override
    public Side.Server side(Supplier<String> version) {
        return new Side.Server(
                new OwnHostKeys(party.shown(Optional.empty()), () -> Identification.isOurs(version.get())),
                List.of(
                        new Side.Extension("server-sig-algs", String.join(",", UserKey.ALGORITHMS)),
                        new Side.Extension("publickey-hostbound@openssh.com", "0"),
                        Side.Extension.PING));
    }

    @Override
    public Algorithms keyExchange() {
        return party.algorithms();
    }

    @Override
    public Layer guard(Channel channel, Function<Guest, Layer> next) {
        Connection connection = Connection.of(channel);
        int tries = connection.ingress().settings().limits().ssh().sshTries();
        return new UserAuth(party, connection.peer(), tries, login -> next.apply(new Entrant(login)));
    }

    /** Who logged in, as the rest of a connection sees it. */
    private record Entrant(Login login) implements Guest {
        @Override
        public String user() {
            return login.name();
        }

        @Override
        public Optional<Identity> identity() {
            return Optional.of(login.identity());
        }

        @Override
        public boolean member() {
            return login.member().isPresent();
        }

        @Override
        public boolean mayOpen(HostPort target) {
            return login.restrictions().mayOpen(target);
        }

        @Override
        public boolean mayListen(String host, int port) {
            return login.restrictions().mayListen(host, port);
        }

        @Override
        public boolean mayOpenSockets() {
            return login.restrictions().mayOpenSocket();
        }

        @Override
        public boolean mayListenOnSockets() {
            return login.restrictions().mayListenOnSocket();
        }

        @Override
        public Optional<String> command() {
            return login.restrictions().command();
        }

        @Override
        public String toString() {
            return login.identity() + ", logged in as " + login.name() + " with " + login.key();
        }
    }
}
