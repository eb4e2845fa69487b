package dev.ugate.protocols.http.wire;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;

/** A message that is answered with this status and nothing else, then the connection closes; stackless, because peers cause it. */
public final class Rejected extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int BAD_REQUEST = 400;

    private final int status;
    private final transient Refused why;
    private final boolean ours;

    private Rejected(int status, Refused why, boolean ours) {
        super(why.text(), null, false, false);
        this.status = status;
        this.why = why;
        this.ours = ours;
    }

    /** Status 400 and MALFORMED. */
    public static Rejected malformed(String text) {
        return new Rejected(BAD_REQUEST, Refused.malformed(text), false);
    }

    /** MALFORMED, where HTTP has a status of its own for it. */
    public static Rejected with(int status, String text) {
        return new Rejected(status, Refused.malformed(text), false);
    }

    /** Any reason. */
    public static Rejected because(int status, Refusal reason, String text) {
        return new Rejected(status, Refused.because(reason, text), false);
    }

    /** What failed here while the message was looked at, whose text is not for everybody. */
    public static Rejected ours(int status, Refused why) {
        return new Rejected(status, why, true);
    }

    public int status() {
        return status;
    }

    public Refused why() {
        return why;
    }

    /** Whether it says something about this side, and not about the message. */
    public boolean isOurs() {
        return ours;
    }
}
