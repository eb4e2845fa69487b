package dev.ugate.model;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * The far end of an accepted connection: addresses, the destination it had before capture, and who it proved to be.
 * {@code remote} is a Unix socket address for local sockets.
 */
public record Peer(
        SocketAddress remote, SocketAddress local, Optional<InetSocketAddress> originalDestination, Optional<Identity> identity) {

    public static Peer of(SocketAddress remote, SocketAddress local) {
        return new Peer(remote, local, Optional.empty(), Optional.empty());
    }

    /** Whether the peer is on this machine: a Unix socket or a loopback address. */
    public boolean isLocal() {
        return !(remote instanceof InetSocketAddress address)
                || !address.isUnresolved() && address.getAddress().isLoopbackAddress();
    }

    public Peer withIdentity(Identity proven) {
        return new Peer(remote, local, originalDestination, Optional.of(proven));
    }

    /** The same connection seen through a trusted PROXY header. */
    public Peer withAddresses(SocketAddress newRemote, SocketAddress newLocal) {
        return new Peer(newRemote, newLocal, originalDestination, identity);
    }
}
