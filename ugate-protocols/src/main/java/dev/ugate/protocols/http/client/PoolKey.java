package dev.ugate.protocols.http.client;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.spi.Dial;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Everything a passage decided on and everything that must not be shared: requests that have it in common may go out on one connection
 * (T65).
 *
 * @param source who asks, where that is known
 * @param workload the identity that the connection proves to the upstream, where it is not the node's own
 * @param peer the whole client where a carrier tells the upstream its address
 */
record PoolKey(
        HostPort host,
        List<SocketAddress> addresses,
        List<Carrier> via,
        Optional<String> identity,
        HttpVersion http,
        Optional<Identity> source,
        Optional<String> workload,
        Optional<Peer> peer) {
    private static final String TELLS_THE_PEER = "proxy-";

    static PoolKey of(Dial dial) {
        Endpoint endpoint = dial.endpoint();
        Peer peer = dial.intent().peer();
        return new PoolKey(
                endpoint.host(),
                endpoint.addresses(),
                endpoint.via(),
                identity(endpoint),
                endpoint.http(),
                peer.identity(),
                dial.workload(),
                tells(endpoint.via()) ? Optional.of(peer) : Optional.empty());
    }

    /** Whom the layer right below expects, where it does not say itself: then what is further in expects another. */
    private static Optional<String> identity(Endpoint endpoint) {
        return endpoint.via().get(0).options().containsKey("identity") ? Optional.empty() : endpoint.identity();
    }

    /** Of what differs most. */
    @Override
    public int hashCode() {
        return 31 * host.hashCode() + addresses.hashCode();
    }

    private static boolean tells(List<Carrier> via) {
        for (int i = 0; i < via.size(); i++) {
            if (via.get(i).name().startsWith(TELLS_THE_PEER)) {
                return true;
            }
        }
        return false;
    }
}
