package dev.ugate.protocols.http.hpack;

/** A block that breaks RFC 7541: both sides' tables differ from now on, so the connection ends. Stackless, because peers cause it. */
public final class HpackException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    HpackException(String text) {
        super(text, null, false, false);
    }

    /** The message, never null. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
