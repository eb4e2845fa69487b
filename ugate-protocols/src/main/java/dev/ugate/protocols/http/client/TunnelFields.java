package dev.ugate.protocols.http.client;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Ip;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.model.x509.SpiffeId;
import dev.ugate.protocols.http.semantics.TraceContext;
import dev.ugate.spi.Dial;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What the far end of a tunnel is told beside its target: whose workload asks ({@code baggage}), for whom ({@code forwarded}, RFC 7239), in
 * which trace, and by which hops. None of it proves anything (T64).
 */
public final class TunnelFields {
    private TunnelFields() {}

    /** {@code own} is the identity under which the tunnel goes out. */
    public static Fields of(Dial dial, Optional<String> own) {
        Intent intent = dial.intent();
        // A tunnel for requests is none of a single client, and each of them has fields of its own.
        boolean whole = intent.shape() == Shape.BYTES;
        Fields said = whole ? intent.fields() : Fields.NONE;
        Fields.Builder out = new Fields.Builder();
        own.flatMap(TunnelFields::baggage).ifPresent(value -> out.add("baggage", value));
        if (whole) {
            out.add("forwarded", forwarded(intent, dial.endpoint().host()));
        }
        out.add("traceparent", TraceContext.ofTunnel(said));
        for (String hop : said.all("via")) {
            out.add("via", hop);
        }
        Optional.ofNullable(dial.carrier().options().get("network"))
                .ifPresent(network -> out.add("x-forwarded-network", network));
        return out.build();
    }

    /** W3C Baggage, as far as a SPIFFE id tells what Kubernetes would. */
    private static Optional<String> baggage(String identity) {
        return SpiffeId.account(identity)
                .map(account -> "k8s.namespace.name=" + account.namespace() + ",service.name=" + account.name());
    }

    private static String forwarded(Intent intent, HostPort target) {
        String source = intent.peer().remote() instanceof InetSocketAddress remote && !remote.isUnresolved()
                ? '"' + new HostPort(Ip.text(remote.getAddress()), remote.getPort()).toString() + '"'
                : "unknown";
        return "for=" + source + (target.literal().isPresent() ? "" : ";host=" + target.host());
    }
}
