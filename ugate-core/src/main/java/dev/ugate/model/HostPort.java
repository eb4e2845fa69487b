package dev.ugate.model;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/**
 * A name or a literal address, and a port: the primary key of every target, resolved late.
 *
 * <p>The host is canonical: lower case, without a trailing dot, numeric forms of IPv4 ({@code 0x7f.1}, {@code 2130706433},
 * {@code ::ffff:127.0.0.1}) as dotted quad, IPv6 as RFC 5952 text without brackets.
 */
public record HostPort(String host, int port) {
    private static final int MAX_NAME = 253;
    private static final int MAX_LABEL = 63;

    /** Throws {@link Refused} MALFORMED for a host that is no name of letters, digits, hyphen and underscore, or a port outside 0–65535. */
    public HostPort {
        host = canonical(host);
        if (port < 0 || port > 0xFFFF) {
            throw Refused.malformed("port " + port + ": expected 0 to 65535");
        }
    }

    /** Parses {@code name:port}, {@code 10.0.0.1:port} or {@code [v6]:port}; throws {@link Refused} MALFORMED. */
    public static HostPort parse(String text) {
        return parse(text, -1);
    }

    /** Like {@link #parse(String)}, but the port may be absent and is then {@code defaultPort}; −1 demands a port. */
    public static HostPort parse(String text, int defaultPort) {
        if (text.indexOf('@') >= 0) {
            throw Refused.malformed("target: expected a host, without user information and @");
        }
        int colon = text.lastIndexOf(':');
        boolean bracketed = text.startsWith("[");
        boolean portless = bracketed ? text.endsWith("]") : colon < 0;
        if (portless) {
            if (defaultPort < 0) {
                throw Refused.malformed("target " + quoted(text) + ": expected host:port");
            }
            return new HostPort(unbracketed(text), defaultPort);
        }
        if (colon < 0) {
            throw Refused.malformed("target " + quoted(text) + ": expected [v6]:port");
        }
        String host = text.substring(0, colon);
        if (!bracketed && host.indexOf(':') >= 0) {
            throw Refused.malformed(
                    "target " + quoted(text) + ": expected " + withoutScheme(text, "[v6]:port around an IPv6 address"));
        }
        return new HostPort(unbracketed(host), port(text.substring(colon + 1), text));
    }

    /** The address when the host is a literal; never asks DNS. */
    public Optional<InetAddress> literal() {
        return Ip.parse(host);
    }

    public HostPort withPort(int other) {
        return other == port ? this : new HostPort(host, other);
    }

    /** As an authority is written, without the port where that is the {@code usual} one. */
    public String text(int usual) {
        return port == usual ? bracketed() : toString();
    }

    @Override
    public String toString() {
        return bracketed() + ":" + port;
    }

    private String bracketed() {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    private static String unbracketed(String host) {
        if (!host.startsWith("[")) {
            return host;
        }
        if (!host.endsWith("]") || host.indexOf(':') < 0) {
            throw Refused.malformed("host " + quoted(host) + ": expected [v6]");
        }
        return host.substring(1, host.length() - 1);
    }

    private static int port(String digits, String text) {
        boolean legal = !digits.isEmpty() && digits.length() <= 5;
        for (int i = 0; legal && i < digits.length(); i++) {
            legal = isDigit(digits.charAt(i));
        }
        if (!legal) {
            throw Refused.malformed(
                    "target " + quoted(text) + ": expected " + withoutScheme(text, "a port of 1 to 5 digits"));
        }
        return Integer.parseInt(digits);
    }

    /** What was expected; a URL is what users of other proxies write here. */
    private static String withoutScheme(String text, String otherwise) {
        return text.contains("://") ? "host:port, without a scheme" : otherwise;
    }

    private static String canonical(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        Optional<InetAddress> address = Ip.parse(name);
        if (address.isPresent()) {
            return Ip.text(address.get());
        }
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw Refused.malformed("host of " + name.length() + " characters: expected 1 to " + MAX_NAME);
        }
        checkLabels(name);
        // After the check: some letters beyond ASCII become ASCII in lower case.
        return name.toLowerCase(Locale.ROOT);
    }

    private static void checkLabels(String name) {
        int label = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '.') {
                if (label == 0) {
                    throw Refused.malformed("host " + quoted(name) + ": empty label");
                }
                label = 0;
            } else if (isLetter(c) || isDigit(c) || c == '-' || c == '_') {
                if (++label > MAX_LABEL) {
                    throw Refused.malformed("host " + quoted(name) + ": expected labels of at most " + MAX_LABEL);
                }
            } else {
                throw Refused.malformed("host " + quoted(name) + ": expected letters, digits, '-', '_' and '.'");
            }
        }
        if (label == 0) {
            throw Refused.malformed("host " + quoted(name) + ": empty label");
        }
        if (isNumber(name, name.lastIndexOf('.') + 1)) {
            throw Refused.malformed("host " + quoted(name) + ": a name cannot end in a number");
        }
    }

    /** Whether the label from there on is decimal, octal or hexadecimal: a resolver of the system might read the whole name as an address. */
    private static boolean isNumber(String name, int from) {
        boolean hex = name.startsWith("0x", from) || name.startsWith("0X", from);
        for (int i = hex ? from + 2 : from; i < name.length(); i++) {
            if (Character.digit(name.charAt(i), hex ? 16 : 10) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("'");
        for (int i = 0; i < Math.min(text.length(), 64); i++) {
            char c = text.charAt(i);
            out.append(c >= 0x20 && c < 0x7F ? c : '?');
        }
        return out.append('\'').toString();
    }
}
