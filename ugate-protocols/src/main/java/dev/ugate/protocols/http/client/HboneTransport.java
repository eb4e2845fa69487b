package dev.ugate.protocols.http.client;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.HostPort;
import dev.ugate.model.Ip;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The carrier {@code hbone}: a stream in a CONNECT of HTTP/2, many of which share a connection over the layers below. The far end is asked
 * for the endpoint's host. Within another HBONE, the connection is for one stream alone. Options: {@code network}, the name that
 * {@code x-forwarded-network} says.
 */
public final class HboneTransport implements Transport {
    private static final String H2 = HttpVersion.H2.word();

    /** Layers that look at no name: connections over them may be shared by tunnels to any target. */
    private static final Set<String> NAMELESS = Set.of("hbone", Carrier.MESH_TLS.name(), Carrier.TCP.name());

    private final Transport below;
    private final Supplier<Settings> settings;
    private final RequestCounts counts;
    private final Supplier<Optional<String>> own;
    private final FastThreadLocal<Pool> pools;

    /** {@code settings} may change from one tunnel to the next; {@code own} is the identity of this node. */
    public HboneTransport(
            Transport below, Supplier<Settings> settings, RequestCounts counts, Supplier<Optional<String>> own) {
        this.below = below;
        this.settings = settings;
        this.counts = counts;
        this.own = own;
        this.pools = new FastThreadLocal<>() {
            @Override
            protected Pool initialValue() {
                return new Pool(below, settings, counts, true);
            }
        };
    }

    /** Must be called on {@code loop}. */
    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        if (dial.intent().shape() == Shape.DATAGRAMS) {
            return loop.newFailedFuture(Refused.because(Refusal.NO_ROUTE, "hbone: datagrams: expected a stream"));
        }
        Dial lower = lower(dial);
        Supplier<Future<Channel>> places = isWithin(lower.endpoint())
                ? () -> new Lone(below, settings, counts).lease(lower, loop)
                : () -> pools.get().lease(lower, loop);
        Fields fields = TunnelFields.of(dial, dial.workload().or(own));
        return new Tunnelling(places, dial, fields, loop).begin();
    }

    /** Whether what is dialled below goes through a tunnel itself. */
    private static boolean isWithin(Endpoint lower) {
        return lower.via().stream().anyMatch(carrier -> carrier.name().equals("hbone"));
    }

    /** What is dialled below, in HTTP/2 alone, and by no name where none is looked at. */
    private static Dial lower(Dial dial) {
        Dial lower = dial.below();
        Endpoint endpoint = lower.endpoint().withHttp(HttpVersion.H2);
        List<Carrier> via = new ArrayList<>(endpoint.via());
        if (via.get(0).name().equals(Carrier.MESH_TLS.name())) {
            via.set(0, with(via.get(0), "alpn", H2));
        }
        boolean nameless = via.stream().allMatch(carrier -> NAMELESS.contains(carrier.name())) && !isWithin(endpoint);
        return lower.to((nameless ? endpoint.withHost(unnamed(endpoint)) : endpoint).withVia(via));
    }

    private static Carrier with(Carrier carrier, String option, String value) {
        if (carrier.options().containsKey(option)) {
            return carrier;
        }
        Map<String, String> options = new HashMap<>(carrier.options());
        options.put(option, value);
        return carrier.with(options);
    }

    /** The far end by its address, for those who tell of it. */
    private static HostPort unnamed(Endpoint endpoint) {
        SocketAddress first =
                endpoint.addresses().isEmpty() ? null : endpoint.addresses().get(0);
        return first instanceof InetSocketAddress inet && !inet.isUnresolved()
                ? new HostPort(Ip.text(inet.getAddress()), inet.getPort())
                : new HostPort("localhost", 0);
    }
}
