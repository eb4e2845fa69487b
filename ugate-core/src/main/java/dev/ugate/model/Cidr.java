package dev.ugate.model;

import java.net.InetAddress;
import java.util.List;

/** A block of addresses, {@code 10.0.0.0/8}; a bare address is a block of one. */
public record Cidr(InetAddress network, int prefix) {
    /** Throws {@link IllegalArgumentException} for a prefix longer than the address or with host bits set. */
    public Cidr {
        byte[] bytes = network.getAddress();
        if (prefix < 0 || prefix > bytes.length * 8) {
            throw new IllegalArgumentException("prefix " + prefix + ": expected 0 to " + bytes.length * 8);
        }
        for (int bit = prefix; bit < bytes.length * 8; bit++) {
            if ((bytes[bit / 8] & 0x80 >> bit % 8) != 0) {
                throw new IllegalArgumentException(
                        "cidr " + Ip.text(network) + "/" + prefix + ": expected no bits after the prefix");
            }
        }
    }

    /** Parses {@code address/prefix} or {@code address}; throws {@link IllegalArgumentException}. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        InetAddress network = Ip.parse(address)
                .orElseThrow(() -> new IllegalArgumentException("cidr " + text + ": expected address/prefix"));
        int length = network.getAddress().length * 8;
        if (slash < 0) {
            return new Cidr(network, length);
        }
        String digits = text.substring(slash + 1);
        if (digits.isEmpty() || digits.length() > 3 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("cidr " + text + ": expected address/prefix");
        }
        return new Cidr(network, Integer.parseInt(digits));
    }

    /** Whether the address is in the block; a v4-mapped IPv6 address counts as the IPv4 address it reaches. */
    public boolean contains(InetAddress address) {
        byte[] mine = network.getAddress();
        byte[] other = Ip.bytes(address);
        if (mine.length != other.length) {
            return false;
        }
        int whole = prefix / 8;
        for (int i = 0; i < whole; i++) {
            if (mine[i] != other[i]) {
                return false;
            }
        }
        int rest = prefix % 8;
        return rest == 0 || ((mine[whole] ^ other[whole]) & 0xFF & 0xFF << 8 - rest) == 0;
    }

    /** Whether one of the blocks contains the address; false for none. */
    public static boolean any(List<Cidr> blocks, InetAddress address) {
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.get(i).contains(address)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return Ip.text(network) + "/" + prefix;
    }
}
