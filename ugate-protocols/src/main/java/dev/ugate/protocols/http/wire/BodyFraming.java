package dev.ugate.protocols.http.wire;

/**
 * How the end of one message's body is found (RFC 9112 §6).
 *
 * @param length octets of the body for {@link Kind#LENGTH}, else −1
 */
public record BodyFraming(Kind kind, long length) {
    public static final BodyFraming NONE = new BodyFraming(Kind.LENGTH, 0);
    public static final BodyFraming CHUNKED = new BodyFraming(Kind.CHUNKED, -1);
    public static final BodyFraming UNTIL_CLOSE = new BodyFraming(Kind.UNTIL_CLOSE, -1);

    /** The three ways. */
    public enum Kind {
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    public static BodyFraming of(long length) {
        return length == 0 ? NONE : new BodyFraming(Kind.LENGTH, length);
    }
}
