package dev.ugate.protocols.http.h2;

import dev.ugate.model.Limits;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.h2.frame.Code;
import dev.ugate.protocols.http.h2.frame.Violation;
import dev.ugate.protocols.http.hpack.HpackDecoder;
import org.jspecify.annotations.Nullable;

/**
 * One decoded header block (RFC 9113 §8.2, §8.3): pseudo-header fields apart from the others, cookie crumbs joined. What is wrong with
 * it is kept, because the block has to be read to its end.
 */
final class HeaderBlock implements HpackDecoder.Sink {
    private static final int COST = 32;

    private final Limits limits;
    private final String[] pseudo = new String[Pseudo.COUNT];
    private final Fields.Builder fields = new Fields.Builder();
    private @Nullable StringBuilder cookie;
    private @Nullable String fault;
    private int size;
    private int count;

    /** The pseudo-header fields of requests and answers. */
    enum Pseudo {
        METHOD(0),
        SCHEME(1),
        AUTHORITY(2),
        PATH(3),
        PROTOCOL(4),
        STATUS(5);

        private static final int COUNT = values().length;

        private final int place;

        Pseudo(int place) {
            this.place = place;
        }

        static @Nullable Pseudo of(String name) {
            return switch (name) {
                case ":method" -> METHOD;
                case ":scheme" -> SCHEME;
                case ":authority" -> AUTHORITY;
                case ":path" -> PATH;
                case ":protocol" -> PROTOCOL;
                case ":status" -> STATUS;
                default -> null;
            };
        }
    }

    HeaderBlock(Limits limits) {
        this.limits = limits;
    }

    @Override
    public void field(String name, String value, boolean legal) {
        size += name.length() + value.length() + COST;
        count++;
        if (tooLarge() || fault != null) {
            return;
        }
        if (!legal) {
            fault = "field: illegal octet in its name or value";
        } else if (name.charAt(0) == ':') {
            pseudo(name, value);
        } else {
            field(name, value.strip());
        }
    }

    /** Without the space that Go and gRPC leave around a value: RFC 9113 §8.2.1 calls it malformed, HTTP/1.1 skips it (ADR 0025). */
    private void field(String name, String value) {
        if (name.equals("cookie")) {
            crumb(value);
        } else if (isOfConnection(name, value)) {
            fault = "field " + name + ": belongs to HTTP/1.1";
        } else {
            fields.lower(name, value);
        }
    }

    private void pseudo(String name, String value) {
        Pseudo which = Pseudo.of(name);
        if (!value.equals(value.strip())) {
            fault = "field " + name + ": space around its value";
        } else if (which == null || fields.size() > 0 || cookie != null || pseudo[which.place] != null) {
            fault = "field " + name + ": expected known pseudo-header fields, once, before all others";
        } else {
            pseudo[which.place] = value;
        }
    }

    /** RFC 9113 §8.2.3. */
    private void crumb(String value) {
        if (cookie == null) {
            cookie = new StringBuilder(value);
        } else {
            cookie.append("; ").append(value);
        }
    }

    /** RFC 9113 §8.2.2. */
    private static boolean isOfConnection(String name, String value) {
        return switch (name) {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" -> true;
            case "te" -> !value.equalsIgnoreCase("trailers");
            default -> false;
        };
    }

    /** More than L31 or L32 allow. */
    boolean tooLarge() {
        return size > limits.headBytes().toInt() || count > limits.headFields();
    }

    /** Decoded octets, each field counted with 32 more. */
    int size() {
        return size;
    }

    /** The limit that it is over. */
    String excess() {
        return count > limits.headFields()
                ? "limit headFields: " + count + " fields: expected at most " + limits.headFields()
                : "limit headBytes: " + size + " octets: expected at most "
                        + limits.headBytes().toInt();
    }

    /** Throws {@link Violation} when something in it is malformed. */
    void check() {
        if (fault != null) {
            throw malformed(fault);
        }
    }

    static Violation malformed(String text) {
        return Violation.ofStream(Code.PROTOCOL_ERROR, text);
    }

    @Nullable
    String value(Pseudo which) {
        return pseudo[which.place];
    }

    boolean has(Pseudo which) {
        return pseudo[which.place] != null;
    }

    /** Whether there is any pseudo-header field. */
    boolean hasPseudo() {
        for (String value : pseudo) {
            if (value != null) {
                return true;
            }
        }
        return false;
    }

    /** The other fields. */
    Fields fields() {
        if (cookie != null) {
            fields.add("cookie", cookie.toString());
            cookie = null;
        }
        return fields.build();
    }
}
