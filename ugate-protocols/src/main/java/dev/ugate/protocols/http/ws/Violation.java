package dev.ugate.protocols.http.ws;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;

/** Frames that a peer must not send, and the close code that tells it so (RFC 6455 §7.4.1); stackless, because peers cause it. */
final class Violation extends RuntimeException {
    static final int PROTOCOL_ERROR = 1002;
    static final int NOT_ACCEPTED = 1003;
    static final int NOT_UTF_8 = 1007;
    static final int TOO_BIG = 1009;

    private static final long serialVersionUID = 1L;

    private final int code;

    private Violation(int code, String text) {
        super(text, null, false, false);
        this.code = code;
    }

    static Violation of(int code, String text) {
        return new Violation(code, text);
    }

    /** Close code 1002. */
    static Violation protocol(String text) {
        return new Violation(PROTOCOL_ERROR, text);
    }

    int code() {
        return code;
    }

    Refused refused() {
        return Refused.because(Refusal.MALFORMED, "ws: " + getMessage());
    }
}
