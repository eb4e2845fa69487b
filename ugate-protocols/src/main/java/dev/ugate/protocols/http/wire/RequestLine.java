package dev.ugate.protocols.http.wire;

/** {@code method SP target SP version} (RFC 9112 §3); {@code minor} is the digit after {@code HTTP/1.}. */
public record RequestLine(String method, String target, int minor) {
    static final int TOO_LONG = 414;
    private static final int UNSUPPORTED_VERSION = 505;

    /** Whether this asks for a tunnel (RFC 9110 §9.3.6). */
    public boolean isConnect() {
        return method.equals("CONNECT");
    }

    /** Whether the answer is a head alone (RFC 9110 §9.3.2). */
    public boolean isHead() {
        return method.equals("HEAD");
    }

    /** As Via writes it (RFC 9110 §7.6.3). */
    public String version() {
        return Versions.text(minor);
    }

    static RequestLine parse(byte[] line, int length) {
        int method = 0;
        while (method < length && Tokens.lower(line[method]) != 0) {
            method++;
        }
        if (method == 0 || method == length || line[method] != ' ') {
            throw Rejected.malformed("request line: expected a method and one space");
        }
        int target = method + 1;
        while (target < length && line[target] > ' ' && line[target] != 0x7F) {
            target++;
        }
        if (target == method + 1 || target == length || line[target] != ' ') {
            throw Rejected.malformed("request line: expected a target of visible ASCII and one space");
        }
        int minor = Versions.minor(line, target + 1, length, UNSUPPORTED_VERSION);
        if (target + 1 + Versions.LENGTH != length) {
            throw Rejected.malformed("request line: expected nothing after the version");
        }
        return new RequestLine(Tokens.text(line, 0, method), Tokens.text(line, method + 1, target), minor);
    }
}
