package dev.ugate.protocols.http.semantics;

import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.spi.Ingress.HttpRules.EncodedSlash;
import java.util.Locale;

/**
 * One spelling of each path, for decisions and for the upstream alike (RFC 3986 §6.2.2): unreserved octets unescaped, dot segments
 * resolved; what servers disagree on is refused (T43).
 */
public final class CanonicalPath {
    private static final String UNRESERVED = "-._~";

    private CanonicalPath() {}

    /** Takes a path that begins with a slash, and its query, which stays as it is; {@code rule} is for {@code %2F}. Throws {@link Rejected} 400. */
    public static String of(String target, EncodedSlash rule) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        if (path.indexOf('\\') >= 0 || target.indexOf('#') >= 0) {
            throw Rejected.malformed("path: expected neither backslash nor fragment");
        }
        String plain = path.indexOf('%') < 0 ? path : unescaped(path, rule);
        String canonical = plain.contains("/.") ? withoutDots(plain) : plain;
        if (canonical.contains("%2F")) {
            refuseHiddenDots(canonical);
        }
        return query < 0 ? canonical : canonical + target.substring(query);
    }

    /**
     * A kept {@code %2F} stays as it is for rules and upstream alike; dot segments that only a server which decodes it would see are
     * refused, because that server would climb out of what was decided about.
     */
    private static void refuseHiddenDots(String path) {
        String decoded = path.replace("%2F", "/") + '/';
        if (decoded.contains("/../") || decoded.contains("/./")) {
            throw Rejected.malformed("path: expected no dot segment beside %2F");
        }
    }

    private static String unescaped(String path, EncodedSlash rule) {
        StringBuilder out = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            int octet = octet(path, i);
            if (octet == 0 || octet == '/' && rule == EncodedSlash.REJECT || octet == '\\') {
                throw Rejected.malformed("path: escape " + path.substring(i, i + 3) + ": expected none of %00 %2F %5C");
            }
            if (octet < 0x80 && (Character.isLetterOrDigit(octet) || UNRESERVED.indexOf(octet) >= 0)) {
                out.append((char) octet);
            } else {
                out.append(path.substring(i, i + 3).toUpperCase(Locale.ROOT));
            }
            i += 2;
        }
        return out.toString();
    }

    /** What the escape at {@code from} stands for. */
    private static int octet(String path, int from) {
        int octet = from + 2 < path.length()
                ? Character.digit(path.charAt(from + 1), 16) << 4 | Character.digit(path.charAt(from + 2), 16)
                : -1;
        if (octet < 0) {
            throw Rejected.malformed("path: escape " + path.substring(from, Math.min(from + 3, path.length()))
                    + ": expected two hexadecimal digits");
        }
        return octet;
    }

    /** RFC 3986 §5.2.4. */
    private static String withoutDots(String path) {
        StringBuilder out = new StringBuilder(path.length());
        int at = 0;
        while (at < path.length()) {
            int next = path.indexOf('/', at + 1);
            int end = next < 0 ? path.length() : next;
            String segment = path.substring(at, end);
            if (segment.equals("/..")) {
                out.setLength(Math.max(out.lastIndexOf("/"), 0));
            } else if (!segment.equals("/.")) {
                out.append(segment);
            }
            boolean last = end == path.length();
            if (last && (segment.equals("/.") || segment.equals("/.."))) {
                out.append('/');
            }
            at = end;
        }
        return out.toString();
    }
}
