package dev.ugate.spi;

import dev.ugate.model.Cidr;
import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * What a listener tells the protocols that serve its connections. Immutable.
 *
 * @param name the listener's address as configured, for logs and metrics
 * @param forward which targets without a route are carried
 * @param protocols words of the protocols that may be detected, empty for all
 * @param port the port of targets that name none
 * @param users who may authenticate, for {@link Forward#AUTHENTICATED}
 * @param trustedProxies sources that must begin with a PROXY header
 * @param target opaque: dial this at accept, detect nothing
 * @param settings deadlines, limits and the journal
 * @param fallback where unknown and silent clients go
 */
public record Ingress(
        String name,
        Forward forward,
        List<String> protocols,
        Optional<Integer> port,
        Credentials users,
        List<Cidr> trustedProxies,
        Optional<HostPort> target,
        Optional<HostPort> fallback,
        Settings settings) {

    /** Whether a target that no route names may be reached through this listener (T82). */
    public enum Forward {
        NONE,
        OPEN,
        AUTHENTICATED
    }

    public Ingress {
        protocols = List.copyOf(protocols);
        trustedProxies = List.copyOf(trustedProxies);
    }

    public boolean serves(String protocol) {
        return protocols.isEmpty() || protocols.contains(protocol);
    }

    /** Whether the peer is a proxy that must begin with a PROXY header. */
    public boolean trusts(Peer peer) {
        return !trustedProxies.isEmpty()
                && peer.remote() instanceof InetSocketAddress remote
                && !remote.isUnresolved()
                && Cidr.any(trustedProxies, remote.getAddress());
    }
}
