package dev.ugate.model;

/** Carries a {@link Refusal} and its text up to the stream; stackless, because peers cause it, not bugs. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Refusal reason;
    private final boolean untouched;

    private Refused(Refusal reason, String message, boolean untouched) {
        super(message, null, false, false);
        this.reason = reason;
        this.untouched = untouched;
    }

    public static Refused because(Refusal reason, String message) {
        return new Refused(reason, message, false);
    }

    /** The other side said that it did nothing with the request, so that it may be sent again whatever it is (RFC 9113 §8.7). */
    public static Refused untouched(Refusal reason, String message) {
        return new Refused(reason, message, true);
    }

    public static Refused malformed(String message) {
        return new Refused(Refusal.MALFORMED, message, false);
    }

    /** Puts one noun of context in front: {@code route mesh: endpoint 10.0.0.7:15008: connect: refused}. */
    public Refused in(String noun) {
        return new Refused(reason, noun + ": " + text(), untouched);
    }

    public Refusal reason() {
        return reason;
    }

    /** Whether the request was certainly not acted on. */
    public boolean isUntouched() {
        return untouched;
    }

    /** The message, never null. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
