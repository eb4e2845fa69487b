package dev.ugate.spi;

import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an accepted channel: the listener's settings, the peer, and how many layers were peeled off. Immutable; replaced
 * on the channel when a layer teaches more.
 *
 * @param tls whether this is what a TLS connection carries, whatever its handshake said
 * @param covered hosts beside {@code sni} that the certificate of this TLS connection, under the same policy, stands for
 * @param member whether the peer's identity is one of the mesh, proven in mesh TLS
 */
public record Connection(
        Ingress ingress,
        Peer peer,
        int depth,
        boolean tls,
        Optional<String> alpn,
        Optional<String> sni,
        Predicate<String> covered,
        boolean member) {
    private static final Predicate<String> NOTHING = Set.<String>of()::contains;

    private static final AttributeKey<Connection> KEY = AttributeKey.valueOf("ugate.connection");

    /** A connection that was just accepted. */
    public static Connection accepted(Ingress ingress, Peer peer) {
        return new Connection(ingress, peer, 0, false, Optional.empty(), Optional.empty(), NOTHING, false);
    }

    /** The connection of a channel, or of the nearest parent that has one. */
    public static Connection of(Channel channel) {
        Connection nearest = nearest(channel);
        if (nearest == null) {
            throw new IllegalStateException("channel " + channel + ": never entered the gate");
        }
        return nearest;
    }

    /** The same, or nothing for a channel that a library user made. */
    public static Optional<Connection> find(Channel channel) {
        return Optional.ofNullable(nearest(channel));
    }

    private static @Nullable Connection nearest(Channel channel) {
        for (Channel at = channel; at != null; at = at.parent()) {
            // To ask for an attribute makes one, on each of the short-lived children.
            Connection connection = at.hasAttr(KEY) ? at.attr(KEY).get() : null;
            if (connection != null) {
                return connection;
            }
        }
        return null;
    }

    /** Makes this the connection of the channel. */
    public void on(Channel channel) {
        channel.attr(KEY).set(this);
    }

    public Connection withPeer(Peer other) {
        return new Connection(ingress, other, depth, tls, alpn, sni, covered, member);
    }

    /** What a layer proved about the peer; {@code ofMesh} says whether in mesh TLS. */
    public Connection proven(Identity identity, boolean ofMesh) {
        return new Connection(ingress, peer.withIdentity(identity), depth, tls, alpn, sni, covered, ofMesh);
    }

    /** One layer peeled off. */
    public Connection deeper() {
        return new Connection(ingress, peer, depth + 1, tls, alpn, sni, covered, member);
    }

    /** What a TLS handshake negotiated (RFC 7301, RFC 6066). */
    public Connection withTls(Optional<String> negotiated, Optional<String> serverName) {
        return new Connection(ingress, peer, depth, true, negotiated, serverName, NOTHING, member);
    }

    /** What a carrier inside of TLS brought: what was negotiated is not about that. */
    public Connection withoutTls() {
        return new Connection(ingress, peer, depth, false, Optional.empty(), Optional.empty(), NOTHING, member);
    }

    /** The same, by a certificate that stands for other hosts too; a client may ask for those here (RFC 9113 §9.1.1). */
    public Connection covering(Predicate<String> hosts) {
        return new Connection(ingress, peer, depth, tls, alpn, sni, hosts, member);
    }

    /** Whether a request for {@code host}, in lower case, may come here: no TLS, its server name, or its certificate (T15). */
    public boolean isFor(String host) {
        return sni.isEmpty() || sni.get().equals(host) || covered.test(host);
    }
}
