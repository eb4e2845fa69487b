package dev.ugate.model;

import dev.ugate.model.http.HttpVersion;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One way to a target.
 *
 * @param host what is asked for at the end of the chain: the name verified by TLS, the name told to an upstream proxy
 * @param addresses every resolved address the first hop may be dialled at, in order of preference (RFC 6724); Unix sockets too
 * @param via carriers from the innermost outwards, the last one dials {@code addresses}: {@code [tls, tcp]}
 * @param identity whom the endpoint must prove to be, in the form of {@link Identity#name()}
 * @param weight share among the endpoints of a stage, 0 to 65535; 0 gets nothing while others live
 * @param trusted whether the operator wrote the address down, so that loopback is no surprise (T61)
 * @param http the version of HTTP in which the endpoint takes requests
 * @param ownPort whether the port of the addresses is one of this endpoint, and not just the one that was asked for
 */
public record Endpoint(
        HostPort host,
        List<SocketAddress> addresses,
        List<Carrier> via,
        Optional<String> identity,
        int weight,
        boolean trusted,
        HttpVersion http,
        boolean ownPort) {
    private static final List<Carrier> TCP_ONLY = List.of(Carrier.TCP);
    private static final List<Carrier> REQUESTS_TCP = List.of(Carrier.REQUESTS, Carrier.TCP);

    public Endpoint {
        addresses = List.copyOf(addresses);
        via = via.isEmpty() ? TCP_ONLY : List.copyOf(via);
    }

    public Endpoint(
            HostPort host,
            List<SocketAddress> addresses,
            List<Carrier> via,
            Optional<String> identity,
            int weight,
            boolean trusted) {
        this(host, addresses, via, identity, weight, trusted, HttpVersion.AUTO, false);
    }

    public static Endpoint tcp(HostPort host, List<? extends SocketAddress> addresses) {
        return new Endpoint(host, List.copyOf(addresses), TCP_ONLY, Optional.empty(), 1, false);
    }

    /** What tells it from its neighbours: the host, but the addresses where the host is the stream's own target. */
    public Object key() {
        if (addresses.size() == 1 && addresses.get(0) instanceof UnixDomainSocketAddress path) {
            return path;
        }
        return isTunnelled() ? addresses : host;
    }

    /** Whether the far end of a carrier is asked for {@code host}, the addresses being its own. */
    public boolean isTunnelled() {
        for (int i = 0; i < via.size(); i++) {
            if (via.get(i).tunnels()) {
                return true;
            }
        }
        return false;
    }

    /** Whether its carriers say no more than how its addresses are dialled. */
    public boolean isPlain() {
        return via.equals(TCP_ONLY);
    }

    /** Whether one of its carriers proves to both ends who the other is. */
    public boolean isProven() {
        for (int i = 0; i < via.size(); i++) {
            if (via.get(i).proves()) {
                return true;
            }
        }
        return false;
    }

    /** Whether there are addresses, and every one is on this machine: loopback or a Unix socket. */
    public boolean isLocal() {
        for (int i = 0; i < addresses.size(); i++) {
            if (!isLocal(addresses.get(i))) {
                return false;
            }
        }
        return !addresses.isEmpty();
    }

    private static boolean isLocal(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                ? !internet.isUnresolved() && internet.getAddress().isLoopbackAddress()
                : address instanceof UnixDomainSocketAddress;
    }

    /** The same endpoint for a stream to {@code target}: that is what the far end is asked for where it is tunnelled. */
    public Endpoint asking(HostPort target) {
        return isTunnelled() ? withHost(target) : this;
    }

    public Endpoint withHost(HostPort other) {
        return new Endpoint(other, addresses, via, identity, weight, trusted, http, ownPort);
    }

    public Endpoint withAddresses(List<SocketAddress> others) {
        return new Endpoint(host, others, via, identity, weight, trusted, http, ownPort);
    }

    public Endpoint withVia(List<Carrier> others) {
        return new Endpoint(host, addresses, others, identity, weight, trusted, http, ownPort);
    }

    public Endpoint withWeight(int other) {
        return other == weight ? this : new Endpoint(host, addresses, via, identity, other, trusted, http, ownPort);
    }

    public Endpoint withHttp(HttpVersion other) {
        return new Endpoint(host, addresses, via, identity, weight, trusted, other, ownPort);
    }

    public Endpoint withIdentity(String other) {
        return new Endpoint(host, addresses, via, Optional.of(other), weight, trusted, http, ownPort);
    }

    /** The same endpoint as one whose port was written down. */
    public Endpoint withOwnPort() {
        return new Endpoint(host, addresses, via, identity, weight, trusted, http, true);
    }

    /** The same endpoint as one whose address the operator wrote down. */
    public Endpoint asTrusted() {
        return trusted ? this : new Endpoint(host, addresses, via, identity, weight, true, http, ownPort);
    }

    /** The same endpoint as one of HTTP requests, which its carriers bear. */
    public Endpoint forRequests() {
        if (isPlain()) {
            return withVia(REQUESTS_TCP);
        }
        List<Carrier> all = new ArrayList<>(via.size() + 1);
        all.add(Carrier.REQUESTS);
        all.addAll(via);
        return withVia(all);
    }

    /** The same endpoint without its innermost carrier: what the layer below has to dial. */
    public Endpoint below() {
        return withVia(via.size() == 2 && via.get(1).equals(Carrier.TCP) ? TCP_ONLY : via.subList(1, via.size()));
    }

    @Override
    public String toString() {
        return host.toString();
    }
}
