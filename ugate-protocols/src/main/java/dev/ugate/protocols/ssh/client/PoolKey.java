package dev.ugate.protocols.ssh.client;

import dev.ugate.model.Carrier;
import dev.ugate.model.Identity;
import dev.ugate.spi.Dial;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Everything that must not be shared: streams that have it in common may go through one connection (T65).
 *
 * @param source who asks, where that is known
 * @param workload the identity that the connection proves to the server, where it is not the node's own
 */
record PoolKey(
        List<SocketAddress> addresses,
        List<Carrier> via,
        Optional<String> identity,
        Optional<Identity> source,
        Optional<String> workload) {
    static PoolKey of(Dial dial) {
        return new PoolKey(
                dial.endpoint().addresses(),
                dial.endpoint().via(),
                dial.endpoint().identity(),
                dial.intent().peer().identity(),
                dial.workload());
    }
}
