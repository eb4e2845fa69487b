package dev.ugate.protocols.http.semantics;

import dev.ugate.model.Identity;
import dev.ugate.model.Intent;
import dev.ugate.model.Peer;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.net.Failures;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.ws.WebSocketKey;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress;
import dev.ugate.spi.Ingress.HttpRules.Trace;
import dev.ugate.spi.Request;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Turns a head into what the gate is asked: who, where to, and the fields that go on. The same for every version of HTTP. */
public final class Intake {
    private static final int PROXY_AUTHENTICATION_REQUIRED = 407;
    private static final int LOOP_DETECTED = 508;
    private static final int MAX_FORWARDS_DIGITS = 9;

    /** Gates that a tunnel may go through (L40). */
    private static final int MOST_HOPS = 5;

    /** Fields that this hop adds to most requests: Via, five of provenance, two of the trace, the id. */
    private static final int OURS = 9;

    private static final String BASIC = "basic ";
    private static final CompletableFuture<Optional<Identity>> NOTHING =
            CompletableFuture.completedFuture(Optional.empty());

    private final String pseudonym;
    private final Map<String, String> signatures;

    /** {@code pseudonym} names this instance in Via (RFC 9110 §7.6.3). */
    public Intake(String pseudonym) {
        this.pseudonym = pseudonym;
        this.signatures = Map.of("1.0", "1.0 " + pseudonym, "1.1", "1.1 " + pseudonym, "2", "2 " + pseudonym);
    }

    /**
     * What one request comes to.
     *
     * @param ends whether it went as far as it may and nobody behind this hop is asked (RFC 9110 §7.6.2)
     */
    public record Asked(Intent intent, String method, RequestTarget target, Fields fields, boolean ends) {
        /** The request, whose body of {@code length} bytes is read from {@code body}; fields of a handshake stay with their hop. */
        public Request request(long length, Optional<String> upgrade, Channel body) {
            Fields onward = upgrade.isPresent()
                    ? fields.without(WebSocketKey.OF_THE_HOP::contains).build()
                    : fields;
            return new Request(
                    method, target.scheme(), target.authority(), target.path(), onward, length, upgrade, body);
        }
    }

    /**
     * The intent of a CONNECT, of the protocol that {@code word} names, whose connection has what {@link #proof} found; throws
     * {@link Rejected}. Its fields are what the next hop is told.
     */
    public Intent tunnel(String word, Asking asking, Connection connection) {
        Fields said = asking.fields();
        refuseLoop(said);
        Fields.Builder onward = new Fields.Builder();
        int hops = 0;
        for (String hop : said.all("via")) {
            hops += hop.split(",", -1).length;
            onward.add("via", hop);
        }
        if (hops >= MOST_HOPS) {
            throw Rejected.because(
                    LOOP_DETECTED, Refusal.LOOP, "field via: " + hops + " hops: expected less than " + MOST_HOPS);
        }
        onward.lower("via", signature(asking));
        TraceContext.tell(said, Trace.PROPAGATE, false, onward);
        return new Intent(
                word,
                peer(asking, connection),
                asking.target().authority(),
                Shape.BYTES,
                Map.of("version", asking.version()),
                onward.build());
    }

    /** Any other request; throws {@link Rejected}. */
    public Asked request(Asking asking, Connection connection) {
        Fields said = asking.fields();
        Singles.check(said);
        refuseLoop(said);
        Peer peer = peer(asking, connection);
        RequestTarget target = asking.target();
        Fields fields = onward(asking, connection, consumed(asking, peer, connection));
        Map<String, String> labels = Map.of(
                "method", asking.method(),
                "path", target.path(),
                "version", asking.version(),
                "form", target.proxied() ? "absolute" : "origin");
        Intent intent = new Intent("http", peer, target.authority(), Shape.MESSAGES, labels, fields);
        boolean ends =
                counts(asking) && said.first("max-forwards").filter("0"::equals).isPresent();
        return new Asked(intent, asking.method(), target, fields, ends);
    }

    private Fields onward(Asking asking, Connection connection, boolean consumed) {
        Fields said = asking.fields();
        boolean gateway = !asking.target().proxied();
        Provenance provenance = new Provenance(asking.target(), connection);
        boolean counts = counts(asking);
        Fields.Builder onward = asking.hop().endToEnd(said, OURS, Intake::survives, name -> switch (name) {
            case "expect" -> !asking.waits();
            case "authorization" -> consumed;
            case "max-forwards" -> counts;
            default -> provenance.stops(name) || TraceContext.isOurs(name) || RequestId.isOurs(name);
        });
        if (counts) {
            said.first("max-forwards").ifPresent(left -> onward.lower("max-forwards", fewer(left)));
        }
        onward.lower("via", signature(asking));
        provenance.tell(said, pseudonym, onward);
        TraceContext.tell(said, connection.ingress().http().trace(), gateway, onward);
        RequestId.tell(said, gateway, onward);
        return onward.build();
    }

    /** Fields that a client cannot take away by naming them in Connection (T42). */
    private static boolean survives(String name) {
        return Provenance.isOurs(name) || name.equals("via") || name.equals("cdn-loop");
    }

    private static boolean counts(Asking asking) {
        return asking.method().equals("OPTIONS");
    }

    /** One hop less (RFC 9110 §7.6.2). */
    private static String fewer(String left) {
        boolean number = !left.isEmpty() && left.length() <= MAX_FORWARDS_DIGITS;
        for (int i = 0; number && i < left.length(); i++) {
            number = left.charAt(i) >= '0' && left.charAt(i) <= '9';
        }
        if (!number) {
            throw Rejected.malformed("field max-forwards: expected a number");
        }
        return Integer.toString(Math.max(Integer.parseInt(left) - 1, 0));
    }

    /** What a reply is signed with that came in {@code version}; nothing where it was made here (RFC 9110 §7.6.3). */
    public @Nullable String via(String version) {
        return signatures.get(version);
    }

    private String signature(Asking asking) {
        return Objects.requireNonNull(via(asking.version()), "a version that Via knows");
    }

    private void refuseLoop(Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            if ((name.equals("via") || name.equals("cdn-loop"))
                    && fields.value(i).contains(pseudonym)) {
                throw Rejected.because(LOOP_DETECTED, Refusal.LOOP, "field " + name + ": this request was here before");
            }
        }
    }

    /** The identity that Basic credentials prove where the listener asks for them (RFC 7617); empty for none, or wrong ones. */
    public static CompletableFuture<Optional<Identity>> proof(Hop hop, Connection connection) {
        return proof(hop, true, connection);
    }

    /** The same; Authorization counts too where the client is not {@code proxied} and takes us for the origin. */
    public static CompletableFuture<Optional<Identity>> proof(Hop hop, boolean proxied, Connection connection) {
        if (isProven(connection)) {
            return NOTHING;
        }
        Optional<String> said = hop.credentials().isPresent() || proxied ? hop.credentials() : hop.authorization();
        return said.isEmpty() ? NOTHING : check(connection.ingress(), said.get());
    }

    /** What a {@link #proof} that is done found; throws {@link Rejected} when it could not be had. */
    public static Optional<Identity> found(CompletableFuture<Optional<Identity>> proof) {
        try {
            return proof.getNow(Optional.empty());
        } catch (CompletionException failed) {
            Refused why = Failures.refused(failed);
            throw Rejected.ours(Answers.status(why.reason(), true), why);
        }
    }

    /** Whether Authorization proved to us who the peer is: then it is for nobody else. */
    private static boolean consumed(Asking asking, Peer peer, Connection connection) {
        return connection.ingress().forward() == Ingress.Forward.AUTHENTICATED
                && !asking.target().proxied()
                && asking.hop().credentials().isEmpty()
                && peer.identity()
                        .filter(identity -> identity.proof() == Identity.Proof.PASSWORD)
                        .isPresent();
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
}
