package dev.ugate.model;

/** Carries a {@link Refusal} and its text up to the stream; stackless, because peers cause it, not bugs. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Refusal reason;

    private Refused(Refusal reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public static Refused because(Refusal reason, String message) {
        return new Refused(reason, message);
    }

    public static Refused malformed(String message) {
        return new Refused(Refusal.MALFORMED, message);
    }

    /** Puts one noun of context in front: {@code route mesh: endpoint 10.0.0.7:15008: connect: refused}. */
    public Refused in(String noun) {
        return new Refused(reason, noun + ": " + text());
    }

    public Refusal reason() {
        return reason;
    }

    /** The message, never null. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
