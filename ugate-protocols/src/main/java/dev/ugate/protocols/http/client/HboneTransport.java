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
import dev.ugate.net.pool.Opening;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.protocols.http.semantics.Lease;
import dev.ugate.spi.Dial;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The carrier {@code hbone}: a stream in a CONNECT of HTTP/2, many of which share a connection over the layers below. The far end is asked
 * for the endpoint's host. Within another HBONE, the connection is for one stream alone. Options: {@code network}, the name that
 * {@code x-forwarded-network} says.
 */
public final class HboneTransport implements Transport {
    private static final String WORD = "hbone";

    private static final Set<String> NAMELESS = Set.of(Carrier.MESH_TLS.name(), Carrier.TCP.name());
    private static final HostPort NOBODY = new HostPort("localhost", 0);

    private final Upstreams upstreams;
    private final RequestCounts counts;
    private final Supplier<Optional<String>> own;
    private final FastThreadLocal<UpstreamPool> pools;

    /** {@code settings} may change from one tunnel to the next; {@code own} is the identity of this node. */
    public HboneTransport(
            Transport below, Supplier<Settings> settings, RequestCounts counts, Supplier<Optional<String>> own) {
        this.upstreams = new Upstreams(below, settings, true);
        this.counts = counts;
        this.own = own;
        this.pools = new FastThreadLocal<>() {
            @Override
            protected UpstreamPool initialValue() {
                return new UpstreamPool(upstreams, counts);
            }
        };
    }

    /** Must be called on {@code loop}. */
    @Override
    public Future<Channel> dial(Dial dial, EventLoop loop) {
        if (dial.intent().shape() == Shape.DATAGRAMS) {
            return loop.newFailedFuture(Refused.because(Refusal.NO_ROUTE, "hbone: datagrams: expected a stream"));
        }
        Fields fields = TunnelFields.of(dial, dial.workload().or(own));
        return Opening.begin(new Tunnel(dial, fields, loop), dial, loop);
    }

    /** A CONNECT of HTTP/2. */
    private final class Tunnel implements Opening.Way<Channel> {
        private final Dial dial;
        private final Fields fields;
        private final EventLoop loop;

        Tunnel(Dial dial, Fields fields, EventLoop loop) {
            this.dial = dial;
            this.fields = fields;
            this.loop = loop;
        }

        @Override
        public String noun() {
            return WORD;
        }

        @Override
        public Future<Channel> place() {
            return isWithin(dial.endpoint())
                    ? new Lone(upstreams, counts).lease(lower(dial), loop)
                    : pools.get().lease(dial, HboneTransport::lower, loop);
        }

        @Override
        public Future<Channel> open(Channel place) {
            Promise<Channel> opened = loop.newPromise();
            Lease.of(place).tunnel(dial.endpoint().host(), fields, opened);
            return opened;
        }

        @Override
        public void giveBack(Channel place) {
            place.close();
        }
    }

    /** Whether what is dialled below goes through a tunnel itself. */
    private static boolean isWithin(Endpoint endpoint) {
        for (int i = 1; i < endpoint.via().size(); i++) {
            if (endpoint.via().get(i).name().equals(WORD)) {
                return true;
            }
        }
        return false;
    }

    /** What is dialled below, in HTTP/2 alone, and by no name where none is looked at. */
    private static Dial lower(Dial dial) {
        Dial lower = dial.below();
        Endpoint endpoint = lower.endpoint().withHttp(HttpVersion.H2);
        if (isNameless(endpoint)) {
            endpoint = endpoint.withHost(unnamed(endpoint));
        }
        return lower.to(endpoint);
    }

    /** Whether no layer looks at a name: connections may be shared by tunnels to any target. */
    private static boolean isNameless(Endpoint endpoint) {
        for (int i = 0; i < endpoint.via().size(); i++) {
            if (!NAMELESS.contains(endpoint.via().get(i).name())) {
                return false;
            }
        }
        return true;
    }

    /** The far end by its address, for those who tell of it. */
    private static HostPort unnamed(Endpoint endpoint) {
        return !endpoint.addresses().isEmpty()
                        && endpoint.addresses().get(0) instanceof InetSocketAddress inet
                        && !inet.isUnresolved()
                ? new HostPort(Ip.text(inet.getAddress()), inet.getPort())
                : NOBODY;
    }
}
