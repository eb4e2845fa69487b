package dev.ugate.protocols.ssh.wire;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;

/** Why a connection ends, with the code of its DISCONNECT (RFC 4253 §11.1). Stackless. */
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final int DESCRIPTION = 255;

    private final int code;
    private final Refusal reason;
    private final boolean told;

    private Violation(int code, Refusal reason, String text, boolean told) {
        super(text, null, false, false);
        this.code = code;
        this.reason = reason;
        this.told = told;
    }

    /** The peer broke the rules of the transport. */
    public static Violation of(int code, String text) {
        Refusal reason =
                switch (code) {
                    case Disconnect.HOST_KEY_NOT_VERIFIABLE -> Refusal.UPSTREAM_IDENTITY;
                    case Disconnect.NO_MORE_AUTH_METHODS, Disconnect.AUTH_CANCELLED -> Refusal.UNAUTHENTICATED;
                    case Disconnect.TOO_MANY_CONNECTIONS -> Refusal.OVERLOADED;
                    case Disconnect.BY_APPLICATION -> Refusal.DRAINING;
                    default -> Refusal.MALFORMED;
                };
        return new Violation(code, reason, text, false);
    }

    /** What came is not as the protocol has it. */
    public static Violation protocol(String text) {
        return of(Disconnect.PROTOCOL_ERROR, text);
    }

    /** Too much of something; {@code key} is the name of the limit. */
    public static Violation limit(String key, String text) {
        return new Violation(Disconnect.PROTOCOL_ERROR, Refusal.OVERLOADED, "limit " + key + ": " + text, false);
    }

    /** Something took too long; {@code key} is the name of the timeout. */
    public static Violation late(String key, String text) {
        return new Violation(Disconnect.BY_APPLICATION, Refusal.TIMED_OUT, key + ": " + text, false);
    }

    /** The peer's own DISCONNECT. */
    public static Violation told(int code, String text) {
        return new Violation(code, of(code, text).reason, text, true);
    }

    /** The connection went away, and nobody said why. */
    public static Violation lost(String text) {
        return new Violation(Disconnect.CONNECTION_LOST, Refusal.UNREACHABLE, text, true);
    }

    /** {@link Disconnect}. */
    public int code() {
        return code;
    }

    /** For the peer to read. */
    public String description() {
        String text = String.valueOf(getMessage());
        return text.length() <= DESCRIPTION ? text : text.substring(0, DESCRIPTION);
    }

    /** Whether it is over already: the peer said so, or is gone, and hears nothing more. */
    public boolean isTold() {
        return told;
    }

    public Refused why() {
        return Refused.because(reason, "ssh: " + getMessage());
    }
}
