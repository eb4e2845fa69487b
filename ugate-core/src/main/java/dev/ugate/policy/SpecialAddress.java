package dev.ugate.policy;

import java.net.InetAddress;

/** Addresses that mean this machine, this link or a group, in every form that reaches them (T61). */
final class SpecialAddress {
    private SpecialAddress() {}

    /**
     * Loopback, link-local, unspecified with all of 0.0.0.0/8, multicast and broadcast; also as IPv4 inside the v4-mapped,
     * v4-compatible (RFC 4291) and NAT64 (RFC 6052) blocks. Unique local IPv6 (RFC 4193) is an ordinary private network.
     */
    static boolean includes(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isMulticastAddress()) {
            return true;
        }
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return special(bytes, 0);
        }
        return embeds(bytes) && special(bytes, 12);
    }

    private static boolean embeds(byte[] bytes) {
        boolean nat64 = bytes[0] == 0 && bytes[1] == 0x64 && bytes[2] == (byte) 0xFF && bytes[3] == (byte) 0x9B;
        boolean mapped = bytes[10] == (byte) 0xFF && bytes[11] == (byte) 0xFF;
        for (int i = nat64 ? 4 : 0; i < (mapped ? 10 : 12); i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean special(byte[] bytes, int at) {
        int first = bytes[at] & 0xFF;
        int second = bytes[at + 1] & 0xFF;
        boolean broadcast = (bytes[at] & bytes[at + 1] & bytes[at + 2] & bytes[at + 3]) == -1;
        return first == 0 || first == 127 || first == 169 && second == 254 || first >= 224 && first < 240 || broadcast;
    }
}
