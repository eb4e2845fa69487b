package dev.ugate.protocols.http.semantics;

import dev.ugate.model.Ip;
import dev.ugate.model.Peer;
import dev.ugate.model.http.Fields;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress.HttpRules.Forwarded;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;

/**
 * The fields that tell where a request came from (RFC 7239, X-Forwarded-*): ours to write, and what others wrote counts from a trusted
 * proxy only (T42). A request in absolute-form is told nothing more: its client asked for a proxy, not to be named.
 */
final class Provenance {
    private static final String CHAIN = "x-forwarded-for";
    private static final String REAL = "x-real-ip";
    private static final Set<String> WRITTEN =
            Set.of(CHAIN, "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", REAL);

    private final RequestTarget target;
    private final Peer peer;
    private final boolean trusted;
    private final Forwarded rule;

    Provenance(RequestTarget target, Connection connection) {
        this.target = target;
        this.peer = connection.peer();
        this.trusted = connection.ingress().believes(peer);
        this.rule =
                target.proxied() ? Forwarded.NONE : connection.ingress().http().forwarded();
    }

    /** Whether a lower-case name belongs to this family, in the spelling that CGI cannot tell from it too. */
    static boolean isOurs(String name) {
        String plain = name.indexOf('_') < 0 ? name : name.replace('_', '-');
        return plain.equals("forwarded")
                || plain.startsWith("x-forwarded-")
                || plain.startsWith("x-envoy-")
                || plain.equals(REAL);
    }

    /** Whether this field of the request goes on no further. */
    boolean stops(String name) {
        return isOurs(name) && (!trusted || name.indexOf('_') >= 0 || rewrites(name));
    }

    private boolean rewrites(String name) {
        return switch (rule) {
            case NONE -> false;
            case X_FORWARDED -> WRITTEN.contains(name);
            case RFC7239 -> name.equals("forwarded");
            case BOTH -> WRITTEN.contains(name) || name.equals("forwarded");
        };
    }

    /** Adds what this hop has to say to what a trusted proxy {@code said}. */
    void tell(Fields said, String pseudonym, Fields.Builder out) {
        if (rule == Forwarded.X_FORWARDED || rule == Forwarded.BOTH) {
            tellApart(said, out);
        }
        if (rule == Forwarded.RFC7239 || rule == Forwarded.BOTH) {
            out.lower("forwarded", chain(said, "forwarded", element(pseudonym)));
        }
    }

    private void tellApart(Fields said, Fields.Builder out) {
        Optional<String> address = address();
        address.ifPresent(text -> out.lower(CHAIN, chain(said, CHAIN, text)));
        if (address.isEmpty() && trusted) {
            said.all(CHAIN).forEach(value -> out.lower(CHAIN, value));
        }
        out.lower("x-forwarded-host", first(said, "x-forwarded-host", target.host()));
        out.lower(
                "x-forwarded-port",
                first(
                        said,
                        "x-forwarded-port",
                        Integer.toString(target.authority().port())));
        out.lower("x-forwarded-proto", first(said, "x-forwarded-proto", target.scheme()));
        String real = first(said, REAL, address.orElse(""));
        if (!real.isEmpty()) {
            out.lower(REAL, real);
        }
    }

    /** The peer's address without its port; none on a Unix socket. */
    private Optional<String> address() {
        return peer.remote() instanceof InetSocketAddress remote && !remote.isUnresolved()
                ? Optional.of(Ip.text(remote.getAddress()))
                : Optional.empty();
    }

    private String first(Fields said, String name, String otherwise) {
        return trusted ? said.first(name).orElse(otherwise) : otherwise;
    }

    private String chain(Fields said, String name, String last) {
        if (!trusted || !said.has(name)) {
            return last;
        }
        return String.join(", ", said.all(name)) + ", " + last;
    }

    /** One element of RFC 7239 §4; {@code by} is an obfuscated identifier (§6.3). */
    private String element(String pseudonym) {
        return "for=" + node() + ";by=_" + pseudonym + ";host=" + quoted(target.host()) + ";proto=" + target.scheme();
    }

    private String node() {
        if (peer.remote() instanceof InetSocketAddress remote && !remote.isUnresolved()) {
            String text = Ip.text(remote.getAddress());
            return text.indexOf(':') < 0 ? text : quoted('[' + text + ']');
        }
        return "unknown";
    }

    /** Quoted where it is no token: what a host may hold needs no escape. */
    private static String quoted(String text) {
        return text.indexOf(':') < 0 && text.indexOf('[') < 0 ? text : '"' + text + '"';
    }
}
