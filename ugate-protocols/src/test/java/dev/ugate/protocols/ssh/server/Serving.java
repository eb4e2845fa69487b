package dev.ugate.protocols.ssh.server;

import dev.ugate.config.ssh.SshOffers;
import dev.ugate.protocols.ssh.channel.Hops;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Registry;
import java.util.Optional;

/** What connections are served with in tests: streams and names, and nothing of the machine. */
public final class Serving {
    private Serving() {}

    public static ServerConnection.Means streams(Gate gate, Registry registry) {
        return new ServerConnection.Means(
                gate,
                registry,
                Optional.empty(),
                () -> SshOffers.NOTHING,
                Optional.empty(),
                peer -> "",
                new Hops("here"));
    }
}
