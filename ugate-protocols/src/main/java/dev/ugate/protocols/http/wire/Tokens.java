package dev.ugate.protocols.http.wire;

import java.nio.charset.StandardCharsets;

/** The octets of tokens and field values (RFC 9110 §5.5, §5.6.2), and one shared string for each frequent name. */
public final class Tokens {
    private static final String SPECIAL = "!#$%&'*+-.^_`|~";

    /** The lower-case form of each octet that may stand in a token, 0 for the others. */
    private static final byte[] LOWER = new byte[256];

    private static final int SLOTS = 512;
    private static final String[] SHARED = new String[SLOTS];

    static {
        for (int c = 0; c < 128; c++) {
            if (c >= 'A' && c <= 'Z') {
                LOWER[c] = (byte) (c + 32);
            } else if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || SPECIAL.indexOf(c) >= 0) {
                LOWER[c] = (byte) c;
            }
        }
        String frequent = "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PROPFIND REPORT "
                + "accept accept-charset accept-encoding accept-language accept-ranges access-control-allow-credentials "
                + "access-control-allow-headers access-control-allow-methods access-control-allow-origin access-control-expose-headers "
                + "access-control-max-age access-control-request-headers access-control-request-method age allow alt-svc authorization "
                + "cache-control connection content-disposition content-encoding content-language content-length content-location "
                + "content-range content-security-policy content-type cookie cross-origin-opener-policy date dnt etag expect expires "
                + "forwarded from host if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive last-modified "
                + "link location max-forwards origin permissions-policy pragma priority proxy-authenticate proxy-authorization "
                + "proxy-connection proxy-status range referer referrer-policy retry-after sec-ch-ua sec-ch-ua-mobile "
                + "sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user server server-timing set-cookie "
                + "soapaction strict-transport-security te traceparent tracestate trailer transfer-encoding upgrade "
                + "upgrade-insecure-requests user-agent vary via warning www-authenticate x-content-type-options x-forwarded-for "
                + "x-forwarded-host x-forwarded-proto x-frame-options x-powered-by x-request-id x-requested-with x-xss-protection";
        for (String name : frequent.split(" ", -1)) {
            byte[] octets = name.getBytes(StandardCharsets.US_ASCII);
            SHARED[slot(octets, 0, octets.length)] = name;
        }
    }

    private Tokens() {}

    /** The lower-case form of an octet that may stand in a token, 0 for any other octet. */
    static byte lower(byte octet) {
        return LOWER[octet & 0xFF];
    }

    /** Whether the text is a token. */
    public static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 128 || LOWER[c] == 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Whether an octet may stand in a field value: VCHAR, obs-text, SP or HTAB. */
    static boolean isValue(int octet) {
        int c = octet & 0xFF;
        return c >= 0x20 ? c != 0x7F : c == '\t';
    }

    /** Whether the octets are a field name of HTTP/2, whose letters are lower-case; that of a pseudo-header begins with a colon. */
    public static boolean isFieldName(byte[] octets, int from, int to) {
        int first = from < to && octets[from] == ':' ? from + 1 : from;
        for (int i = first; i < to; i++) {
            if (LOWER[octets[i] & 0xFF] != octets[i] || octets[i] == 0) {
                return false;
            }
        }
        return first < to;
    }

    /** Whether the text is a field value that can be sent: no character beyond ISO 8859-1, no control octets. */
    public static boolean isFieldValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c > 0xFF || !isValue(c)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the text can be a target in a request line: visible ASCII (RFC 9112 §3.2). */
    public static boolean isTarget(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ' || text.charAt(i) >= 0x7F) {
                return false;
            }
        }
        return true;
    }

    /** Whether the octets are a field value, perhaps with space around it. */
    public static boolean isFieldValue(byte[] octets, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!isValue(octets[i])) {
                return false;
            }
        }
        return true;
    }

    /** The octets as ISO 8859-1 text; the same string each time for a frequent name. */
    public static String text(byte[] octets, int from, int to) {
        String shared = SHARED[slot(octets, from, to)];
        if (shared != null && shared.length() == to - from && equal(shared, octets, from)) {
            return shared;
        }
        return new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static boolean equal(String text, byte[] octets, int from) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != octets[from + i]) {
                return false;
            }
        }
        return true;
    }

    private static int slot(byte[] octets, int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + octets[i];
        }
        return (hash ^ hash >>> 9) & SLOTS - 1;
    }
}
