package dev.ugate.protocols.http.semantics;

import dev.ugate.model.http.Fields;
import dev.ugate.spi.Ingress.HttpRules.Trace;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The trace that a request belongs to (W3C Trace Context): a well-formed one goes on as it came, because this hop reports no span of
 * its own; a broken one does not go on (§3.2, §3.3).
 */
public final class TraceContext {
    private static final String PARENT = "traceparent";
    private static final String STATE = "tracestate";
    private static final int LENGTH = 55;
    private static final int ID = 3;
    private static final int SPAN = 36;
    private static final int FLAGS = 53;
    private static final int MAX_MEMBERS = 32;

    private TraceContext() {}

    static boolean isOurs(String name) {
        return name.equals(PARENT) || name.equals(STATE);
    }

    /** The id of the trace in fields that went through here, 32 hexadecimal digits. */
    public static Optional<String> traceId(Fields fields) {
        return fields.first(PARENT)
                .filter(value -> value.length() >= LENGTH)
                .map(value -> value.substring(ID, SPAN - 1));
    }

    /** The parent of a tunnel: that of the tunnel it came by, else a new one that nobody has asked to be sampled. */
    public static String ofTunnel(Fields said) {
        List<String> parents = said.all(PARENT);
        return parents.size() == 1 && isLegal(parents.get(0)) ? parents.get(0) : fresh("00");
    }

    /** Adds what goes on of the fields that a client {@code said}; {@code may} one begin here. */
    static void tell(Fields said, Trace rule, boolean may, Fields.Builder out) {
        if (rule == Trace.DROP) {
            return;
        }
        List<String> parents = said.all(PARENT);
        if (parents.size() == 1 && isLegal(parents.get(0))) {
            out.lower(PARENT, parents.get(0));
            state(said, out);
        } else if (rule == Trace.START && may) {
            // Sampled, because whoever asks for traces to begin here wants them; a 0 would silence samplers that follow
            // their parent.
            out.lower(PARENT, fresh("01"));
        }
    }

    private static void state(Fields said, Fields.Builder out) {
        List<String> lines = said.all(STATE);
        if (lines.isEmpty()) {
            return;
        }
        String joined = lines.size() == 1 ? lines.get(0) : String.join(",", lines);
        if (!joined.isEmpty() && joined.chars().filter(c -> c == ',').count() < MAX_MEMBERS) {
            out.lower(STATE, joined);
        }
    }

    private static String fresh(String flags) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return "00-" + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong() | 1) + '-'
                + hex.toHexDigits(random.nextLong() | 1) + '-' + flags;
    }

    /** {@code version-traceid-parentid-flags}; a later version may append to that (§3.2.2, §4). */
    private static boolean isLegal(String value) {
        boolean later = !value.startsWith("00");
        return (value.length() == LENGTH || later && value.length() > LENGTH && value.charAt(LENGTH) == '-')
                && value.charAt(ID - 1) == '-'
                && value.charAt(SPAN - 1) == '-'
                && value.charAt(FLAGS - 1) == '-'
                && isHex(value, 0, ID - 1)
                && !value.startsWith("ff")
                && isId(value, ID, SPAN - 1)
                && isId(value, SPAN, FLAGS - 1)
                && isHex(value, FLAGS, LENGTH);
    }

    private static boolean isId(String value, int from, int to) {
        for (int i = from; i < to; i++) {
            if (value.charAt(i) != '0') {
                return isHex(value, from, to);
            }
        }
        return false;
    }

    private static boolean isHex(String value, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = value.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }
}
