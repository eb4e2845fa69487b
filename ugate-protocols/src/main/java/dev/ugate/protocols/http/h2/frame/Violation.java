package dev.ugate.protocols.http.h2.frame;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;

/** The peer broke the rules: its stream, or the whole connection, ends with this code (RFC 9113 §5.4). Stackless. */
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final boolean fatal;

    private Violation(Code code, boolean fatal, String text) {
        super(text, null, false, false);
        this.code = code;
        this.fatal = fatal;
    }

    /** Ends the connection. */
    public static Violation fatal(Code code, String text) {
        return new Violation(code, true, text);
    }

    /** Ends the stream only. */
    public static Violation ofStream(Code code, String text) {
        return new Violation(code, false, text);
    }

    /** A frame whose payload is too long or too short; {@code what} is its type. */
    public static Violation wrongSize(String what) {
        return fatal(Code.FRAME_SIZE_ERROR, what + ": wrong size");
    }

    /** Too much of something; {@code key} is the name of the limit. */
    public static Violation limit(String key, String text) {
        return fatal(Code.ENHANCE_YOUR_CALM, "limit " + key + ": " + text);
    }

    public Code code() {
        return code;
    }

    public boolean isFatal() {
        return fatal;
    }

    public Refused why() {
        Refusal reason = code == Code.ENHANCE_YOUR_CALM ? Refusal.OVERLOADED : Refusal.MALFORMED;
        return Refused.because(reason, "http2: " + getMessage());
    }
}
