package dev.ugate.discovery;

import dev.ugate.config.DiscoveryConfig;
import dev.ugate.model.Balance;
import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Route;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Optional;

/** One service of {@code discovery.config}, its texts read once. */
record Service(Glob name, List<Place> places, Optional<String> identity, Optional<Balance> balance) {
    private static final String UNIX = "unix:";

    Service {
        places = List.copyOf(places);
    }

    /**
     * Throws {@link IllegalArgumentException} for a service without endpoints and for an empty path, {@link dev.ugate.model.Refused}
     * MALFORMED for an endpoint that is no target.
     */
    static Service of(DiscoveryConfig.Service written) {
        if (written.endpoints().isEmpty()) {
            throw new IllegalArgumentException("service " + written.name() + ": no endpoint: expected at least one");
        }
        List<Place> places = written.endpoints().stream().map(Service::place).toList();
        return new Service(new Glob(written.name()), places, written.identity(), written.balance());
    }

    private static Place place(Route.Destination to) {
        String text = to.target().orElse("");
        if (!text.startsWith(UNIX)) {
            Optional<HostPort> at = to.target().map(target -> HostPort.parse(target, 0));
            return new Place(at, Optional.empty(), to.weight(), to.via());
        }
        if (text.length() < UNIX.length() + 2 || text.charAt(UNIX.length()) != '/') {
            throw new IllegalArgumentException("endpoint " + text + ": expected unix:/path");
        }
        SocketAddress path = UnixDomainSocketAddress.of(text.substring(UNIX.length()));
        return new Place(Optional.empty(), Optional.of(path), to.weight(), to.via());
    }

    /**
     * Where an endpoint is.
     *
     * @param at a name or an address, port 0 for the target's; absent with {@code unix}, and where the target stands for itself
     * @param unix a socket of this machine
     */
    record Place(Optional<HostPort> at, Optional<SocketAddress> unix, int weight, List<Carrier> via) {
        HostPort at(HostPort target) {
            return at.map(host -> host.port() == 0 ? host.withPort(target.port()) : host)
                    .orElse(target);
        }

        /** The endpoint found here, with the port as one of its own where it was written. */
        Endpoint says(Endpoint found) {
            return at.filter(host -> host.port() > 0).isPresent() ? found.withOwnPort() : found;
        }
    }
}
