package dev.ugate.config.users;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The SHA-crypt password digests of crypt(5), as {@code openssl passwd -6} makes them (Drepper, "Unix crypt using SHA-256 and SHA-512"). */
final class ShaCrypt {
    static final int ROUNDS = 5000;
    private static final String ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private final MessageDigest hash;
    private final boolean wide;
    private final int rounds;

    /** SHA-512 when {@code wide}, else SHA-256. */
    ShaCrypt(boolean wide, int rounds) {
        this.wide = wide;
        this.rounds = rounds;
        this.hash = hash(wide);
    }

    /** The last field of the entry: 86 characters when wide, else 43. */
    String digest(byte[] password, String saltText) {
        byte[] salt = saltText.getBytes(StandardCharsets.UTF_8);
        byte[] sum = first(password, salt);
        byte[] p = stretch(hash.digest(repeat(password, password.length)), password.length);
        byte[] s = stretch(hash.digest(repeat(salt, 16 + (sum[0] & 0xFF))), salt.length);
        for (int i = 0; i < rounds; i++) {
            hash.update((i & 1) != 0 ? p : sum);
            if (i % 3 != 0) {
                hash.update(s);
            }
            if (i % 7 != 0) {
                hash.update(p);
            }
            hash.update((i & 1) != 0 ? sum : p);
            sum = hash.digest();
        }
        return encode(sum);
    }

    private byte[] first(byte[] password, byte[] salt) {
        hash.update(password);
        hash.update(salt);
        byte[] other = hash.digest(password);
        hash.update(password);
        hash.update(salt);
        hash.update(stretch(other, password.length));
        for (int bits = password.length; bits > 0; bits >>= 1) {
            hash.update((bits & 1) != 0 ? other : password);
        }
        return hash.digest();
    }

    private String encode(byte[] sum) {
        StringBuilder out = new StringBuilder();
        int third = wide ? 21 : 10;
        int a = 0;
        int b = third;
        int c = 2 * third;
        for (int i = 0; i < third; i++) {
            append(out, sum[a], sum[b], sum[c], 4);
            int next = wide ? b + 1 : c + 1;
            int after = wide ? c + 1 : a + 1;
            c = wide ? a + 1 : b + 1;
            a = next;
            b = after;
        }
        if (wide) {
            append(out, (byte) 0, (byte) 0, sum[63], 2);
        } else {
            append(out, (byte) 0, sum[31], sum[30], 3);
        }
        return out.toString();
    }

    private static void append(StringBuilder out, byte high, byte middle, byte low, int characters) {
        int bits = (high & 0xFF) << 16 | (middle & 0xFF) << 8 | low & 0xFF;
        for (int i = 0; i < characters; i++) {
            out.append(ALPHABET.charAt(bits >> 6 * i & 0x3F));
        }
    }

    private static byte[] repeat(byte[] bytes, int times) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length * times);
        for (int i = 0; i < times; i++) {
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] stretch(byte[] sum, int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            out[i] = sum[i % sum.length];
        }
        return out;
    }

    private static MessageDigest hash(boolean wide) {
        try {
            return MessageDigest.getInstance(wide ? "SHA-512" : "SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("digest: expected SHA-256 and SHA-512 in every JDK", e);
        }
    }
}
