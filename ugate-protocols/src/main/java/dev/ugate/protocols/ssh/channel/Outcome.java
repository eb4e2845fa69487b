package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;

/** What CHANNEL_OPEN_FAILURE says (RFC 4254 §5.1), and what it means: the code, and the precise reason as the first word of the text. */
final class Outcome {
    static final int PROHIBITED = 1;
    static final int CONNECT_FAILED = 2;
    static final int UNKNOWN_TYPE = 3;
    static final int SHORTAGE = 4;

    private Outcome() {}

    static int code(Refusal reason) {
        return switch (reason) {
            case UNAUTHENTICATED, DENIED, NO_ROUTE, LOOP -> PROHIBITED;
            case MALFORMED, UNRESOLVED, UNREACHABLE, CONNECTION_REFUSED, TIMED_OUT, UPSTREAM_IDENTITY, INTERNAL ->
                CONNECT_FAILED;
            case OVERLOADED, DRAINING -> SHORTAGE;
        };
    }

    /** What the peer is told beside the code: the reason's word, and no more of what this side knows. */
    static String text(Refused why) {
        return why.reason().label();
    }

    /** What the peer's refusal means; a reason by its word is what another ugate says, and proves nothing (T64). */
    static Refused refused(long code, String text) {
        for (Refusal reason : Refusal.values()) {
            if (text.equals(reason.label())) {
                return said(reason, code, text);
            }
        }
        Refusal reason =
                switch ((int) code) {
                    case PROHIBITED -> Refusal.DENIED;
                    case UNKNOWN_TYPE -> Refusal.NO_ROUTE;
                    case SHORTAGE -> Refusal.OVERLOADED;
                    default -> connectFailed(text);
                };
        return said(reason, code, text);
    }

    /** How OpenSSH says it: the words of its system. */
    private static Refusal connectFailed(String text) {
        if (text.contains("refused")) {
            return Refusal.CONNECTION_REFUSED;
        }
        if (text.contains("timed out")) {
            return Refusal.TIMED_OUT;
        }
        return text.contains("not known") || text.contains("resolution") ? Refusal.UNRESOLVED : Refusal.UNREACHABLE;
    }

    private static Refused said(Refusal reason, long code, String text) {
        String words = "open failed " + code + ": " + printable(text);
        return reason == Refusal.DRAINING ? Refused.untouched(reason, words) : Refused.because(reason, words);
    }

    private static String printable(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 200); i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c < 0x7F ? c : '?');
        }
        return out.toString();
    }
}
