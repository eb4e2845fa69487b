package dev.ugate.model;

/** Carries a {@link Refusal} and its text up to the stream; stackless, because peers cause it, not bugs. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Refusal reason;
    private final Reach reach;

    /** How far a request got before it was refused. */
    private enum Reach {
        NOWHERE,
        SENT,
        ANYWHERE
    }

    private Refused(Refusal reason, String message, Reach reach) {
        super(message, null, false, false);
        this.reason = reason;
        this.reach = reach;
    }

    public static Refused because(Refusal reason, String message) {
        return new Refused(reason, message, Reach.ANYWHERE);
    }

    /** The other side said that it did nothing with the request, so that it may be sent again whatever it is (RFC 9113 §8.7). */
    public static Refused untouched(Refusal reason, String message) {
        return new Refused(reason, message, Reach.NOWHERE);
    }

    /** The request may have been acted on, but not a byte of an answer came. */
    public static Refused unanswered(Refusal reason, String message) {
        return new Refused(reason, message, Reach.SENT);
    }

    public static Refused malformed(String message) {
        return new Refused(Refusal.MALFORMED, message, Reach.ANYWHERE);
    }

    /** Puts one noun of context in front: {@code route mesh: endpoint 10.0.0.7:15008: connect: refused}. */
    public Refused in(String noun) {
        return new Refused(reason, noun + ": " + text(), reach);
    }

    public Refusal reason() {
        return reason;
    }

    /** The same of a request that never went out. */
    public Refused asUntouched() {
        return new Refused(reason, text(), Reach.NOWHERE);
    }

    /** Whether the request was certainly not acted on. */
    public boolean isUntouched() {
        return reach == Reach.NOWHERE;
    }

    /** Whether certainly no byte of an answer came. */
    public boolean isUnanswered() {
        return reach != Reach.ANYWHERE;
    }

    /** The message, never null. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
