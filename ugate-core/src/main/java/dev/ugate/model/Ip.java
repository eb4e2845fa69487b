package dev.ugate.model;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/** Literal addresses, parsed without ever asking a resolver. */
public final class Ip {
    private Ip() {}

    /**
     * Reads a literal: dotted quad, the older numeric forms of {@code inet_aton} ({@code 127.1}, {@code 0x7f000001}), or IPv6 text.
     * A v4-mapped IPv6 address comes back as IPv4, so that no rule is slipped past by spelling.
     */
    public static Optional<InetAddress> parse(String text) {
        byte[] bytes = text.indexOf(':') >= 0 ? v6(text) : v4(text);
        return bytes.length == 0 ? Optional.empty() : Optional.of(of(bytes));
    }

    /** The address of 4 or 16 bytes in network order. */
    public static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address of " + bytes.length + " bytes: expected 4 or 16", e);
        }
    }

    /** RFC 5952 text for IPv6, dotted quad for IPv4; never a scope id. */
    public static String text(InetAddress address) {
        byte[] bytes = bytes(address);
        return bytes.length == 4
                ? (bytes[0] & 0xFF) + "." + (bytes[1] & 0xFF) + "." + (bytes[2] & 0xFF) + "." + (bytes[3] & 0xFF)
                : v6Text(bytes);
    }

    /** {@code 10.0.0.7:80}, {@code [2001:db8::1]:80}, or whatever another kind of address calls itself. */
    public static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            return address.toString();
        }
        String ip = text(inet.getAddress());
        return (ip.indexOf(':') >= 0 ? "[" + ip + "]:" : ip + ":") + inet.getPort();
    }

    /** The 4 or 16 bytes that decide where the address leads: those of IPv4 for a v4-mapped IPv6 address (RFC 4291 §2.5.5.2). */
    public static byte[] bytes(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 16 && isMapped(bytes) ? Arrays.copyOfRange(bytes, 12, 16) : bytes;
    }

    private static boolean isMapped(byte[] bytes) {
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return bytes[10] == (byte) 0xFF && bytes[11] == (byte) 0xFF;
    }

    private static final byte[] NONE = {};

    private static byte[] v4(String text) {
        byte[] plain = quad(text);
        if (plain.length > 0) {
            return plain;
        }
        if (text.isEmpty() || text.charAt(0) < '0' || text.charAt(0) > '9') {
            return NONE; // Most names: no form of an address begins with a letter.
        }
        String[] parts = text.split("\\.", -1);
        if (parts.length > 4) {
            return NONE;
        }
        long value = 0;
        for (int i = 0; i < parts.length; i++) {
            long part = number(parts[i]);
            boolean last = i == parts.length - 1;
            long max = last ? (1L << (8 * (5 - parts.length))) - 1 : 255;
            if (part < 0 || part > max) {
                return NONE;
            }
            value = last ? value | part : value | part << (24 - 8 * i);
        }
        return new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    /** Four decimal numbers without leading zeros: nearly every address, and each stream reads some. NONE for anything else. */
    private static byte[] quad(String text) {
        byte[] out = new byte[4];
        int at = 0;
        int value = -1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9' && value != 0) {
                value = Math.max(value, 0) * 10 + c - '0';
            } else if (c == '.' && value >= 0 && at < 3) {
                out[at++] = (byte) value;
                value = -1;
            } else {
                return NONE;
            }
            if (value > 255) {
                return NONE;
            }
        }
        out[3] = (byte) value;
        return at == 3 && value >= 0 ? out : NONE;
    }

    private static long number(String part) {
        if (part.isEmpty() || part.length() > 12) {
            return -1;
        }
        int radix = 10;
        String digits = part;
        if (part.startsWith("0x") || part.startsWith("0X")) {
            radix = 16;
            digits = part.substring(2);
        } else if (part.length() > 1 && part.charAt(0) == '0') {
            radix = 8;
        }
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * radix + digit;
        }
        return digits.isEmpty() ? -1 : value;
    }

    private static byte[] v6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return NONE;
        }
        byte[] out = new byte[16];
        if (gap < 0) {
            return groups(text, out, 0) == 16 ? out : NONE;
        }
        int head = gap == 0 ? 0 : groups(text.substring(0, gap), out, 0);
        byte[] tail = new byte[16];
        String rest = text.substring(gap + 2);
        int length = rest.isEmpty() ? 0 : groups(rest, tail, 0);
        if (head < 0 || length < 0 || head + length > 14) {
            return NONE;
        }
        System.arraycopy(tail, 0, out, 16 - length, length);
        return out;
    }

    private static int groups(String text, byte[] out, int start) {
        int at = start;
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (i == parts.length - 1 && part.indexOf('.') > 0) {
                byte[] quad = part.split("\\.", -1).length == 4 ? v4(part) : NONE;
                if (quad.length == 0 || at + 4 > 16) {
                    return -1;
                }
                System.arraycopy(quad, 0, out, at, 4);
                return at + 4;
            }
            long group = part.isEmpty() || part.length() > 4 ? -1 : hex(part);
            if (group < 0 || at + 2 > 16) {
                return -1;
            }
            out[at++] = (byte) (group >> 8);
            out[at++] = (byte) group;
        }
        return at;
    }

    private static long hex(String part) {
        long value = 0;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static String v6Text(byte[] bytes) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF;
        }
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int run = i;
            while (run < 8 && groups[run] == 0) {
                run++;
            }
            if (run - i > length) {
                start = i;
                length = run - i;
            }
            i = Math.max(i, run - 1);
        }
        StringBuilder out = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                out.append("::");
                i += length - 1;
                continue;
            }
            if (i > 0 && i != start + length) {
                out.append(':');
            }
            out.append(Integer.toHexString(groups[i]));
        }
        return out.toString();
    }
}
