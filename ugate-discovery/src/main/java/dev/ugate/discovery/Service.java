package dev.ugate.discovery;

import dev.ugate.model.Balance;
import dev.ugate.model.Carrier;
import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * One service of {@code discovery.config}: names, and where they live.
 *
 * @param name the name or pattern it answers for; literals too
 * @param via carriers of every endpoint, innermost first; empty for plain TCP
 * @param identity whom every endpoint must prove to be
 * @param balance how to choose among the endpoints; empty for no opinion
 */
public record Service(Glob name, List<Place> endpoints, List<Carrier> via, Optional<String> identity, Optional<Balance> balance) {
    private static final int MAX_WEIGHT = 65_535;
    private static final String UNIX = "unix:";

    /** Throws {@link IllegalArgumentException} for a service without endpoints. */
    public Service {
        endpoints = List.copyOf(endpoints);
        via = List.copyOf(via);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("service " + name + ": no endpoint: expected at least one");
        }
    }

    /** A service over plain TCP with no demands. */
    public static Service of(String name, Place... endpoints) {
        return new Service(new Glob(name), List.of(endpoints), List.of(), Optional.empty(), Optional.empty());
    }

    /** Where an endpoint of a service is. */
    public sealed interface Place {
        /** Share among the endpoints of the service, 0 to 65535. */
        int weight();

        /**
         * Reads {@code host:port}, {@code host} (the port is then the target's) or {@code unix:/path}; throws
         * {@link IllegalArgumentException}, or {@link dev.ugate.model.Refused} MALFORMED for a host that is none.
         */
        static Place parse(String text, int weight) {
            if (weight < 0 || weight > MAX_WEIGHT) {
                throw new IllegalArgumentException("weight " + weight + ": expected 0 to " + MAX_WEIGHT);
            }
            if (!text.startsWith(UNIX)) {
                return new Remote(HostPort.parse(text, 0), weight);
            }
            if (text.length() < UNIX.length() + 2 || text.charAt(UNIX.length()) != '/') {
                throw new IllegalArgumentException("endpoint " + text + ": expected unix:/path");
            }
            return new Socket(UnixDomainSocketAddress.of(text.substring(UNIX.length())), weight);
        }

        /** Reads a place of weight 1. */
        static Place parse(String text) {
            return parse(text, 1);
        }
    }

    /** A name or an address; port 0 stands for the target's port. */
    public record Remote(HostPort at, int weight) implements Place {
        HostPort at(HostPort target) {
            return at.port() == 0 ? at.withPort(target.port()) : at;
        }
    }

    /** A Unix socket of this machine. */
    public record Socket(SocketAddress path, int weight) implements Place {}
}
