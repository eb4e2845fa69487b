package dev.ugate.protocols.http.wire;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;

/** A message that is answered with this status and nothing else, then the connection closes; stackless, because peers cause it. */
public final class Rejected extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int BAD_REQUEST = 400;

    private final int status;
    private final transient Refused why;

    private Rejected(int status, Refused why) {
        super(why.text(), null, false, false);
        this.status = status;
        this.why = why;
    }

    /** Status 400 and MALFORMED. */
    public static Rejected malformed(String text) {
        return new Rejected(BAD_REQUEST, Refused.malformed(text));
    }

    /** MALFORMED, where HTTP has a status of its own for it. */
    public static Rejected with(int status, String text) {
        return new Rejected(status, Refused.malformed(text));
    }

    /** Any reason. */
    public static Rejected because(int status, Refusal reason, String text) {
        return new Rejected(status, Refused.because(reason, text));
    }

    public int status() {
        return status;
    }

    public Refused why() {
        return why;
    }
}
