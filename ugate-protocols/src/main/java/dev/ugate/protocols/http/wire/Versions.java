package dev.ugate.protocols.http.wire;

/** The version of a start line (RFC 9112 §2.3). */
final class Versions {
    static final int LENGTH = 8;
    private static final byte[] PREFIX = {'H', 'T', 'T', 'P', '/'};

    private Versions() {}

    /**
     * The minor version at {@code from}: 0, or 1 for this and every later one. Throws {@link Rejected} with {@code unsupported} for
     * another major version, 400 where there is none.
     */
    static int minor(byte[] line, int from, int length, int unsupported) {
        boolean shaped =
                length - from >= LENGTH && isDigit(line[from + 5]) && line[from + 6] == '.' && isDigit(line[from + 7]);
        for (int i = 0; shaped && i < PREFIX.length; i++) {
            shaped = line[from + i] == PREFIX[i];
        }
        if (!shaped) {
            throw Rejected.malformed("version: expected HTTP/1.1 or HTTP/1.0");
        }
        if (line[from + 5] != '1') {
            throw Rejected.with(
                    unsupported, "version HTTP/" + (char) line[from + 5] + ": expected HTTP/1.1 or HTTP/1.0");
        }
        return line[from + 7] == '0' ? 0 : 1;
    }

    /** As Via writes a minor version (RFC 9110 §7.6.3). */
    static String text(int minor) {
        return minor == 0 ? "1.0" : "1.1";
    }

    private static boolean isDigit(byte octet) {
        return octet >= '0' && octet <= '9';
    }
}
