package dev.ugate.model.mesh;

import dev.ugate.model.Identity;
import dev.ugate.model.Ip;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a node's public key makes of it: 52 characters of Base32 (RFC 4648 §6, without padding), of the key itself when it has at most
 * 32 bytes (Ed25519), else of its SHA-256. Keys are marshalled as 65 bytes {@code 04‖X‖Y} (P-256), 32 bytes (Ed25519) or PKCS#1 DER (RSA).
 */
public record NodeId(String text) {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int LENGTH = 52;
    private static final int WHOLE = 32;
    private static final int MOST_EC = 65;
    private static final int VIP_KEY_BYTES = 8;

    /** The form of {@link Identity#name()} for a party that proved no more than to hold a key. */
    public static final String FORM = "key:";

    /** Throws {@link IllegalArgumentException} for what is no node id; lower case is taken too. */
    public NodeId {
        text = text.toUpperCase(Locale.ROOT);
        if (!isId(text)) {
            throw new IllegalArgumentException("node id '" + text + "': expected 52 characters of Base32");
        }
    }

    /** The id of a marshalled public key. */
    public static NodeId of(byte[] key) {
        return new NodeId(base32(key.length <= WHOLE ? key : digest("SHA-256", key)));
    }

    /**
     * The address {@code fd00::/64} with the last 8 bytes of the marshalled key, of its SHA-1 when it is longer than 65 bytes. Cheap to
     * collide: an alias only, the whole id is what is verified.
     */
    public static InetAddress vip(byte[] key) {
        byte[] from = key.length > MOST_EC ? digest("SHA-1", key) : key;
        byte[] address = new byte[16];
        address[0] = (byte) 0xFD;
        System.arraycopy(from, from.length - VIP_KEY_BYTES, address, VIP_KEY_BYTES, VIP_KEY_BYTES);
        return Ip.of(address);
    }

    /** The id that a name says in its first label, whatever follows; empty when the label is none. */
    public static Optional<NodeId> named(String host) {
        int dot = host.indexOf('.');
        String label = (dot < 0 ? host : host.substring(0, dot)).toUpperCase(Locale.ROOT);
        return isId(label) ? Optional.of(new NodeId(label)) : Optional.empty();
    }

    /** What rules and endpoints call a party that proved this key. */
    public String identity() {
        return FORM + text;
    }

    @Override
    public String toString() {
        return text;
    }

    private static boolean isId(String text) {
        return text.length() == LENGTH && text.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0);
    }

    private static byte[] digest(String algorithm, byte[] key) {
        try {
            return MessageDigest.getInstance(algorithm).digest(key);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base32(byte[] bytes) {
        byte[] all = Arrays.copyOf(bytes, WHOLE);
        StringBuilder out = new StringBuilder(LENGTH);
        for (int bit = 0; bit < WHOLE * 8; bit += 5) {
            int at = bit / 8;
            int two = (all[at] & 0xFF) << 8 | (at + 1 < WHOLE ? all[at + 1] & 0xFF : 0);
            out.append(ALPHABET.charAt(two >> (11 - bit % 8) & 31));
        }
        return out.toString();
    }
}
