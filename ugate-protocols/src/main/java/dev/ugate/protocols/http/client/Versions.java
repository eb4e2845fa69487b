package dev.ugate.protocols.http.client;

import dev.ugate.model.Carrier;
import dev.ugate.model.Endpoint;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.HttpVersion;
import dev.ugate.net.pool.Shared;
import dev.ugate.net.tls.TlsTransport;
import dev.ugate.protocols.http.h1.ClientConnection;
import dev.ugate.protocols.http.semantics.Upstream;
import dev.ugate.spi.Dial;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** In which version of HTTP an upstream is spoken to: the endpoint's word, and what TLS negotiates (RFC 7301, RFC 9113 §3.3). */
final class Versions {
    private static final String TLS = "tls";
    private static final String OFFER = "alpn";
    private static final String H2 = HttpVersion.H2.word();

    /** The label of an intent whose endpoint chose a version of HTTP in which its upgrade cannot be asked for: it asks for the other one. */
    private static final String ALONE = "alone";

    private Versions() {}

    /** Whether a connection to the endpoint may turn out to take many requests at once. */
    static boolean mayShare(Endpoint endpoint) {
        return switch (endpoint.http()) {
            case H2 -> true;
            case HTTP_1_1 -> false;
            case AUTO -> isTls(endpoint);
        };
    }

    private static boolean isTls(Endpoint endpoint) {
        String carrier = endpoint.via().get(0).name();
        return carrier.equals(TLS) || carrier.equals(Carrier.MESH_TLS.name());
    }

    /** The same request for an upgrade, in HTTP/1.1: most servers that choose HTTP/2 take WebSocket there alone. */
    static Intent alone(Intent intent) {
        return intent.with(ALONE, HttpVersion.HTTP_1_1.word());
    }

    /** Whether a request for an upgrade has to go out in HTTP/1.1, which the endpoint lets us choose. */
    static boolean isAlone(Dial dial) {
        return dial.endpoint().http() == HttpVersion.AUTO
                && dial.intent().labels().containsKey(ALONE);
    }

    /** The dial with an offer of versions where TLS is spoken right below. */
    static Dial offered(Dial dial) {
        Endpoint endpoint = dial.endpoint();
        Carrier first = endpoint.via().get(0);
        if (!mayShare(endpoint) || !isTls(endpoint) || first.options().containsKey(OFFER)) {
            return dial;
        }
        Map<String, String> options = new HashMap<>(first.options());
        options.put(OFFER, endpoint.http() == HttpVersion.H2 ? H2 : H2 + "," + HttpVersion.HTTP_1_1.word());
        List<Carrier> via = new ArrayList<>(endpoint.via());
        via.set(0, first.with(options));
        return dial.to(endpoint.withVia(via));
    }

    /** The connection on a dialled channel; throws {@link Refused} where the upstream does not speak what it has to. */
    static Upstream connection(Endpoint endpoint, Channel channel, Upstreams means, Shared.Keeper<Upstream> keeper) {
        boolean negotiated = H2.equals(channel.attr(TlsTransport.ALPN).get());
        if (endpoint.http() == HttpVersion.H2 && isTls(endpoint) && !negotiated) {
            throw Refused.because(Refusal.UNREACHABLE, "tls: alpn: expected the upstream to choose h2");
        }
        return negotiated || endpoint.http() == HttpVersion.H2
                ? new dev.ugate.protocols.http.h2.ClientConnection(channel, means.settings(), keeper, means.mesh())
                : new ClientConnection(channel, means.settings(), keeper);
    }

    /** Whether the connection takes many requests at once. */
    static boolean isShared(Upstream connection) {
        return !(connection instanceof ClientConnection);
    }
}
