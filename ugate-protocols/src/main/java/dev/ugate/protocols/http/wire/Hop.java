package dev.ugate.protocols.http.wire;

import dev.ugate.model.http.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the fields of one head say about this hop only: where it ends, whether the connection goes on, and which fields stop here
 * (RFC 9110 §7.6.1, RFC 9112 §6 and §9.3).
 */
public final class Hop {
    private static final int MAX_LENGTH_DIGITS = 18;

    /** Fields that a Connection field must not name: who does, wants them to be seen by one hop and not by the next. */
    private static final Set<String> ENDURING =
            Set.of("authorization", "content-length", "cookie", "host", "set-cookie");

    private @Nullable String host;
    private @Nullable String length;
    private @Nullable String coding;
    private @Nullable String expect;
    private @Nullable String credentials;
    private List<String> upgrades = List.of();
    private @Nullable String authorization;
    private List<String> options = List.of();

    private Hop() {}

    /** Reads the fields; throws {@link Rejected} 400 where a field that must be single is repeated. */
    public static Hop of(Fields fields) {
        Hop hop = new Hop();
        for (int i = 0; i < fields.size(); i++) {
            String value = fields.value(i);
            String name = fields.name(i);
            switch (name) {
                case "host" -> hop.host = single(name, hop.host, value);
                case "content-length" -> hop.length = single(name, hop.length, value);
                case "transfer-encoding" -> hop.coding = single(name, hop.coding, value);
                case "expect" -> hop.expect = single(name, hop.expect, value);
                case "proxy-authorization" -> hop.credentials = single(name, hop.credentials, value);
                case "authorization" -> hop.authorization = single(name, hop.authorization, value);
                case "connection" -> hop.options(value);
                case "upgrade" -> hop.upgrades = and(hop.upgrades, tokens(value));
                default -> {}
            }
        }
        return hop;
    }

    private static String single(String name, @Nullable String before, String value) {
        if (before != null) {
            throw Rejected.malformed("field " + name + ": expected once");
        }
        return value;
    }

    private void options(String value) {
        List<String> named = tokens(value.toLowerCase(Locale.ROOT));
        for (String name : named) {
            if (ENDURING.contains(name)) {
                throw Rejected.malformed("field connection: names " + name);
            }
        }
        options = and(options, named);
    }

    /** The tokens of one value (RFC 9110 §5.6.1), which mostly is one. */
    private static List<String> tokens(String value) {
        return value.indexOf(',') < 0
                ? List.of(value.strip())
                : Stream.of(value.split(",", -1)).map(String::strip).toList();
    }

    private static List<String> and(List<String> before, List<String> more) {
        if (before.isEmpty()) {
            return more;
        }
        List<String> all = new ArrayList<>(before);
        all.addAll(more);
        return all;
    }

    /** How a request's body ends; never by close. Throws {@link Rejected} (T32, T33, T34). */
    public BodyFraming request(RequestLine line) {
        if (coding != null) {
            chunkedOnly(line.minor());
            return BodyFraming.CHUNKED;
        }
        return length == null ? BodyFraming.NONE : BodyFraming.of(digits(length));
    }

    /** How a final reply's body ends; {@code bodiless} for the answer to HEAD. Throws {@link Rejected}. */
    public BodyFraming reply(StatusLine line, boolean bodiless) {
        if (coding != null) {
            chunkedOnly(line.minor());
        }
        BodyFraming announced = coding != null ? BodyFraming.CHUNKED : BodyFraming.UNTIL_CLOSE;
        if (length != null) {
            announced = BodyFraming.of(digits(length));
        }
        return bodiless || line.status() == 204 || line.status() == 304 ? BodyFraming.NONE : announced;
    }

    private void chunkedOnly(int minor) {
        if (length != null) {
            throw Rejected.malformed("framing: transfer-encoding beside content-length");
        }
        if (minor == 0) {
            throw Rejected.malformed("framing: transfer-encoding in HTTP/1.0");
        }
        if (!"chunked".equalsIgnoreCase(coding)) {
            throw Rejected.malformed("field transfer-encoding: expected exactly chunked");
        }
    }

    private static long digits(String text) {
        boolean plain = !text.isEmpty() && text.length() <= MAX_LENGTH_DIGITS;
        for (int i = 0; plain && i < text.length(); i++) {
            plain = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (!plain) {
            throw Rejected.malformed("field content-length: expected 1 to " + MAX_LENGTH_DIGITS + " digits");
        }
        return Long.parseLong(text);
    }

    /** The announced length of a body, whether or not it follows; −1 when none was announced. */
    public long announced() {
        return length == null ? -1 : digits(length);
    }

    /** Whether the sender keeps the connection for another message (RFC 9112 §9.3). */
    public boolean persists(int minor) {
        return !options.contains("close") && (minor > 0 || options.contains("keep-alive"));
    }

    /** Whether the sender offers to go on as this protocol, or says that it does (RFC 9110 §7.8); HTTP/1.0 cannot. */
    public boolean upgradesTo(String protocol, int minor) {
        return minor > 0 && options.contains("upgrade") && upgrades.stream().anyMatch(protocol::equalsIgnoreCase);
    }

    /** The Host field; throws {@link Rejected} 400 when HTTP/1.1 goes without (RFC 9112 §3.2). */
    public Optional<String> host(int minor) {
        if (host == null && minor > 0) {
            throw Rejected.malformed("field host: expected once");
        }
        return Optional.ofNullable(host);
    }

    /** Whether the sender waits for 100 (RFC 9110 §10.1.1); throws {@link Rejected} 417 for any other expectation. */
    public boolean expectsContinue(int minor) {
        if (expect == null || minor == 0) {
            return false;
        }
        if (!expect.equalsIgnoreCase("100-continue")) {
            throw Rejected.with(417, "field expect: expected 100-continue");
        }
        return true;
    }

    /** What Proxy-Authorization says. */
    public Optional<String> credentials() {
        return Optional.ofNullable(credentials);
    }

    /** What Authorization says, which is for the origin, or for us where we are the origin. */
    public Optional<String> authorization() {
        return Optional.ofNullable(authorization);
    }

    /** Fields that never pass a hop, named in Connection or not; our own framing replaces theirs. */
    private static boolean stops(String name) {
        return Fields.isHopByHop(name) || name.equals("content-length") || name.equals("host");
    }

    /** The fields of a reply that go on, less those that stop here and those that Connection names. */
    public Fields endToEnd(Fields fields) {
        return endToEnd(fields, 0, name -> false, name -> false).build();
    }

    /** The same but for those that are {@code ours} and may be named there, less those {@code dropped}; {@code more} will be added. */
    public Fields.Builder endToEnd(Fields fields, int more, Predicate<String> ours, Predicate<String> dropped) {
        Fields.Builder kept = new Fields.Builder(fields.size() + more);
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            boolean stops = stops(name) || options.contains(name) && !ours.test(name);
            if (!stops && !dropped.test(name)) {
                kept.copy(fields, i);
            }
        }
        return kept;
    }

    /** Fields that somebody gave us to send, less those that are ours to write. */
    public static Fields passing(Fields given) {
        for (int i = 0; i < given.size(); i++) {
            if (stops(given.name(i))) {
                return given.without(Hop::stops).build();
            }
        }
        return given;
    }

    /** Trailers that go on: none that would frame, route or authenticate (RFC 9110 §6.5.1). */
    public static Fields trailers(Fields received) {
        if (received.isEmpty()) {
            return received;
        }
        Fields.Builder kept = new Fields.Builder();
        for (int i = 0; i < received.size(); i++) {
            String name = received.name(i);
            boolean framing =
                    stops(name) || ENDURING.contains(name) || name.equals("trailer") || name.equals("content-encoding");
            if (!framing) {
                kept.copy(received, i);
            }
        }
        return kept.build();
    }
}
