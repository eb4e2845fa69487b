package dev.ugate.model;

import dev.ugate.model.http.ProxyError;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Carries a {@link Refusal} and its text up to the stream; stackless, because peers cause it, not bugs. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Refusal reason;
    private final Reach reach;
    private final @Nullable ProxyError error;

    /** How far a request got before it was refused. */
    private enum Reach {
        NOWHERE,
        SENT,
        ANYWHERE
    }

    private Refused(Refusal reason, String message, Reach reach, @Nullable ProxyError error) {
        super(message, null, false, false);
        this.reason = reason;
        this.reach = reach;
        this.error = error;
    }

    public static Refused because(Refusal reason, String message) {
        return new Refused(reason, message, Reach.ANYWHERE, null);
    }

    /** The other side said that it did nothing with the request, so that it may be sent again whatever it is (RFC 9113 §8.7). */
    public static Refused untouched(Refusal reason, String message) {
        return new Refused(reason, message, Reach.NOWHERE, null);
    }

    /** The request may have been acted on, but not a byte of an answer came. */
    public static Refused unanswered(Refusal reason, String message) {
        return new Refused(reason, message, Reach.SENT, null);
    }

    public static Refused malformed(String message) {
        return new Refused(Refusal.MALFORMED, message, Reach.ANYWHERE, null);
    }

    /** Puts one noun of context in front: {@code route mesh: endpoint 10.0.0.7:15008: connect: refused}. */
    public Refused in(String noun) {
        return new Refused(reason, noun + ": " + text(), reach, error);
    }

    /** The same, where HTTP has a more precise word for it. */
    public Refused as(ProxyError precise) {
        return new Refused(reason, text(), reach, precise);
    }

    /** The more precise word of HTTP. */
    public Optional<ProxyError> error() {
        return Optional.ofNullable(error);
    }

    /** The same in other words. */
    public Refused told(String text) {
        return new Refused(reason, text, reach, error);
    }

    public Refusal reason() {
        return reason;
    }

    /** The same of a request that never went out. */
    public Refused asUntouched() {
        return new Refused(reason, text(), Reach.NOWHERE, error);
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
