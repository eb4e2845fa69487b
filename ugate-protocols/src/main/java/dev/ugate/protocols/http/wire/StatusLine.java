package dev.ugate.protocols.http.wire;

/** {@code version SP status SP reason} (RFC 9112 §4), the reason dropped; {@code minor} is the digit after {@code HTTP/1.}. */
public record StatusLine(int status, int minor) {
    static final int BAD_GATEWAY = 502;
    private static final int LENGTH = Versions.LENGTH + 4;

    /** Whether another head follows (RFC 9110 §15.2). */
    public boolean isInformational() {
        return status < 200;
    }

    /** As Via writes it (RFC 9110 §7.6.3). */
    public String version() {
        return Versions.text(minor);
    }

    static StatusLine parse(byte[] line, int length) {
        int minor = Versions.minor(line, 0, length, BAD_GATEWAY);
        int status = 0;
        for (int i = Versions.LENGTH + 1; i < LENGTH; i++) {
            int digit = i < length ? line[i] - '0' : -1;
            if (digit < 0 || digit > 9) {
                throw Rejected.with(BAD_GATEWAY, "status line: expected three digits");
            }
            status = status * 10 + digit;
        }
        // Many servers leave out the space before an empty reason.
        boolean ends = length == LENGTH || line[LENGTH] == ' ';
        if (line[Versions.LENGTH] != ' ' || !ends || status < 100 || status > 599) {
            throw Rejected.with(BAD_GATEWAY, "status line: expected a status of 100 to 599 between single spaces");
        }
        for (int i = LENGTH; i < length; i++) {
            if (!Tokens.isValue(line[i])) {
                throw Rejected.with(BAD_GATEWAY, "status line: control octet in the reason");
            }
        }
        return new StatusLine(status, minor);
    }
}
