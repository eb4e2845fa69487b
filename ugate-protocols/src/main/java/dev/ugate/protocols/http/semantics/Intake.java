package dev.ugate.protocols.http.semantics;

import dev.ugate.model.Cidr;
import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Request;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Turns a head into what the gate is asked: who, where to, and the fields that go on. The same for every version of HTTP. */
public final class Intake {
    private static final int PROXY_AUTHENTICATION_REQUIRED = 407;
    private static final int LOOP_DETECTED = 508;
    private static final String BASIC = "basic ";
    private static final CompletableFuture<Optional<Identity>> NOTHING =
            CompletableFuture.completedFuture(Optional.empty());

    private final String pseudonym;
    private final String via;

    /** {@code pseudonym} names this instance in Via (RFC 9110 §7.6.3). */
    public Intake(String pseudonym) {
        this.pseudonym = pseudonym;
        this.via = "1.1 " + pseudonym;
    }

    /** What one request comes to. */
    public record Asked(Intent intent, String method, RequestTarget target, Fields fields) {
        /** The request, whose body of {@code length} bytes is read from {@code body}. */
        public Request request(long length, Channel body) {
            return new Request(method, target.scheme(), target.authority(), target.path(), fields, length, body);
        }
    }

    /** The intent of a CONNECT, whose connection has what {@link #proof} found; throws {@link Rejected}. */
    public Intent tunnel(Asking asking, Connection connection) {
        refuseLoop(asking.fields());
        return Intent.bytes("connect", peer(asking, connection), asking.target().authority());
    }

    /** Any other request; throws {@link Rejected}. */
    public Asked request(Asking asking, Connection connection) {
        refuseLoop(asking.fields());
        Peer peer = peer(asking, connection);
        boolean trusted = isTrusted(connection.ingress(), peer);
        Fields fields = asking.hop()
                .endToEnd(
                        asking.fields(),
                        Intake::isTrace,
                        name -> name.equals("expect")
                                ? !asking.waits()
                                : isTrace(name) && !trusted && !name.equals("via"))
                .add("via", asking.via(pseudonym))
                .build();
        RequestTarget target = asking.target();
        Map<String, String> labels = Map.of("method", asking.method(), "path", target.path());
        Intent intent = new Intent("http", peer, target.authority(), Shape.MESSAGES, labels, fields);
        return new Asked(intent, asking.method(), target, fields);
    }

    /** What messages of HTTP/1.1 are signed with. */
    public String via() {
        return via;
    }

    private void refuseLoop(Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.name(i).equals("via") && fields.value(i).contains(pseudonym)) {
                throw Rejected.because(LOOP_DETECTED, Refusal.LOOP, "field via: this request was here before");
            }
        }
    }

    /** The identity that Basic credentials prove where the listener asks for them (RFC 7617); empty for none, or wrong ones. */
    public static CompletableFuture<Optional<Identity>> proof(Hop hop, Connection connection) {
        return isProven(connection) || hop.credentials().isEmpty()
                ? NOTHING
                : check(connection.ingress(), hop.credentials().get());
    }

    private static boolean isProven(Connection connection) {
        return connection.ingress().forward() != Ingress.Forward.AUTHENTICATED
                || connection.peer().identity().isPresent();
    }

    /** The peer, who must have proven who it is where the listener asks for that. */
    private static Peer peer(Asking asking, Connection connection) {
        // A request in origin-form may be for a route that asks for no proxy credentials: the gate decides.
        if (isProven(connection)
                || asking.hop().credentials().isEmpty() && !asking.target().proxied()) {
            return connection.peer();
        }
        throw Rejected.because(
                PROXY_AUTHENTICATION_REQUIRED,
                Refusal.UNAUTHENTICATED,
                "field proxy-authorization: expected Basic with a known user");
    }

    private static CompletableFuture<Optional<Identity>> check(Ingress ingress, String text) {
        if (!text.toLowerCase(Locale.ROOT).startsWith(BASIC)) {
            return NOTHING;
        }
        try {
            byte[] octets =
                    Base64.getDecoder().decode(text.substring(BASIC.length()).strip());
            String pair = new String(octets, StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? NOTHING : ingress.users().check(pair.substring(0, colon), pair.substring(colon + 1));
        } catch (IllegalArgumentException noBase64) {
            return NOTHING;
        }
    }

    /** Fields that tell where a request came from: ours to set, so a client's own count only from a trusted proxy (T42). */
    private static boolean isTrace(String name) {
        return name.equals("via")
                || name.equals("forwarded")
                || name.startsWith("x-forwarded-")
                || name.startsWith("x-envoy-")
                || name.equals("x-real-ip");
    }

    private static boolean isTrusted(Ingress ingress, Peer peer) {
        List<Cidr> trusted = ingress.trustedProxies();
        return peer.remote() instanceof InetSocketAddress from
                && !from.isUnresolved()
                && trusted.stream().anyMatch(cidr -> cidr.contains(from.getAddress()));
    }
}
