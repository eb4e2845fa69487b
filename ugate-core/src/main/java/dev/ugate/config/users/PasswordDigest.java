package dev.ugate.config.users;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.spec.KeySpec;
import java.util.Base64;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * One digest of a users file: {@code $6$salt$…} or {@code $5$salt$…} (crypt(5), {@code openssl passwd -6}), or
 * {@code $pbkdf2-sha256$rounds$salt$…} (passlib). Made to be slow, but bounded, because event loops compute it.
 */
record PasswordDigest(String text) {
    static final String EXPECTED = "name:$6$… as made by: openssl passwd -6";

    /** Longer ones are wrong: RFC 1929 allows 255 bytes, and the cost grows with the length. */
    private static final int MAX_PASSWORD = 255;

    private static final int MIN_ROUNDS = 1000;
    private static final int MAX_ROUNDS = 100_000;
    private static final String PBKDF2 = "$pbkdf2-sha256$";

    /** Throws {@link IllegalArgumentException} without telling the digest. */
    PasswordDigest {
        String[] parts = text.split("\\$", -1);
        boolean legal = text.startsWith(PBKDF2)
                ? parts.length == 5 && decode(parts[3]).length > 0 && decode(parts[4]).length == 32
                : text.matches("\\$(5\\$(rounds=[0-9]{1,9}\\$)?[^$:]{1,16}\\$[./0-9A-Za-z]{43}"
                        + "|6\\$(rounds=[0-9]{1,9}\\$)?[^$:]{1,16}\\$[./0-9A-Za-z]{86})");
        if (!legal) {
            throw new IllegalArgumentException("password: not a known digest: expected " + EXPECTED);
        }
        int rounds = rounds(text, parts);
        if (rounds < MIN_ROUNDS || rounds > MAX_ROUNDS) {
            throw new IllegalArgumentException(
                    "password: " + rounds + " rounds: expected " + MIN_ROUNDS + " to " + MAX_ROUNDS);
        }
    }

    /** Compares in constant time. */
    boolean matches(String password) {
        byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_PASSWORD) {
            return false;
        }
        String[] parts = text.split("\\$", -1);
        byte[] wanted = parts[parts.length - 1].getBytes(StandardCharsets.UTF_8);
        if (text.startsWith(PBKDF2)) {
            return MessageDigest.isEqual(decode(parts[4]), pbkdf2(password, decode(parts[3]), rounds(text, parts)));
        }
        ShaCrypt crypt = new ShaCrypt(parts[1].equals("6"), rounds(text, parts));
        return MessageDigest.isEqual(
                wanted, crypt.digest(bytes, parts[parts.length - 2]).getBytes(StandardCharsets.UTF_8));
    }

    private static int rounds(String text, String[] parts) {
        String digits =
                text.startsWith(PBKDF2) ? parts[2] : parts[2].startsWith("rounds=") ? parts[2].substring(7) : "";
        return digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : text.startsWith(PBKDF2) ? 0 : ShaCrypt.ROUNDS;
    }

    /** Passlib's base64: '.' for '+', no padding; empty for anything else. */
    private static byte[] decode(String text) {
        return text.matches("[./0-9A-Za-z]{2,128}") && text.length() % 4 != 1
                ? Base64.getDecoder().decode(text.replace('.', '+'))
                : new byte[0];
    }

    private static byte[] pbkdf2(String password, byte[] salt, int rounds) {
        try {
            // An empty password is refused by the key specification, and by every users file worth the name.
            KeySpec spec =
                    new PBEKeySpec(password.isEmpty() ? new char[] {0} : password.toCharArray(), salt, rounds, 256);
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("digest: expected PBKDF2WithHmacSHA256 in every JDK", e);
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
