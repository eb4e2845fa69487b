package dev.ugate.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts small secrets under one that the operator holds: AES-256-GCM, its key by HKDF-SHA256 (RFC 5869) with a salt of its own for each.
 * Sealed form: {@code UGSEAL}, version 1, salt of 16, nonce of 12, text and tag of 16; the head and a label are authenticated too.
 */
public final class Seal {
    /** The name of the systemd credential. */
    static final String CREDENTIAL = "ugate-key";

    static final String VARIABLE = "UGATE_SEAL_KEY";

    private static final byte[] HEAD = "UGSEAL\1".getBytes(StandardCharsets.ISO_8859_1);
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final String MAC = "HmacSHA256";
    private static final int SALT = 16;
    private static final int NONCE = 12;
    private static final int TAG = 16;
    private static final int BEFORE_TEXT = HEAD.length + SALT + NONCE;

    /** Fewer octets are guessed, not found. */
    private static final int LEAST = 16;

    private final byte[] secret;
    private final String origin;

    private Seal(byte[] secret, String origin) {
        this.secret = secret;
        this.origin = origin;
    }

    /** Throws {@link IllegalArgumentException} for a secret of fewer than 16 octets; {@code origin} tells where it is from. */
    public static Seal of(byte[] secret, String origin) {
        int end = secret.length;
        while (end > 0 && (secret[end - 1] == '\n' || secret[end - 1] == '\r')) {
            end--;
        }
        if (end < LEAST) {
            throw new IllegalArgumentException(
                    "seal key of " + origin + ": " + end + " octets: expected at least " + LEAST);
        }
        return new Seal(Arrays.copyOf(secret, end), origin);
    }

    /**
     * What the operator gave: the file of the configuration, else the credential {@code ugate-key} of systemd, else
     * {@code UGATE_SEAL_KEY}; empty for none. Throws {@link IOException} for one that cannot be used.
     */
    public static Optional<Seal> given(Optional<Path> file, Map<String, String> environment) throws IOException {
        try {
            if (file.isPresent()) {
                return Optional.of(of(PrivateFile.read(file.get()), "file " + file.get()));
            }
            String folder = environment.get("CREDENTIALS_DIRECTORY");
            if (folder != null && !folder.isEmpty()) {
                Optional<byte[]> credential = PrivateFile.credential(Path.of(folder, CREDENTIAL));
                if (credential.isPresent()) {
                    return Optional.of(of(credential.get(), "credential " + CREDENTIAL));
                }
            }
            String variable = environment.get(VARIABLE);
            return variable == null || variable.isEmpty()
                    ? Optional.empty()
                    : Optional.of(of(variable.getBytes(StandardCharsets.UTF_8), VARIABLE));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Seals for the reader of this label alone. */
    byte[] seal(byte[] text, String label) {
        byte[] random = new byte[SALT + NONCE];
        new SecureRandom().nextBytes(random);
        byte[] sealed = Arrays.copyOf(HEAD, BEFORE_TEXT + text.length + TAG);
        System.arraycopy(random, 0, sealed, HEAD.length, random.length);
        try {
            cipher(Cipher.ENCRYPT_MODE, sealed, label).doFinal(text, 0, text.length, sealed, BEFORE_TEXT);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Throws {@link IllegalArgumentException} when it was sealed under another secret or label, or is not whole. */
    byte[] open(byte[] sealed, String label) {
        if (!isSealed(sealed)) {
            throw new IllegalArgumentException(
                    "sealed: " + sealed.length + " octets: expected a sealed key, version 1");
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, sealed, label).doFinal(sealed, BEFORE_TEXT, sealed.length - BEFORE_TEXT);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "sealed: " + origin + " does not open it, or it was changed: expected the secret that sealed it",
                    e);
        }
    }

    static boolean isSealed(byte[] bytes) {
        return bytes.length > BEFORE_TEXT + TAG && Arrays.equals(bytes, 0, HEAD.length, HEAD, 0, HEAD.length);
    }

    private Cipher cipher(int mode, byte[] head, String label) throws GeneralSecurityException {
        byte[] salt = Arrays.copyOfRange(head, HEAD.length, HEAD.length + SALT);
        byte[] nonce = Arrays.copyOfRange(head, HEAD.length + SALT, BEFORE_TEXT);
        byte[] key = derived(salt, label.getBytes(StandardCharsets.UTF_8));
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG * 8, nonce));
        cipher.updateAAD(head, 0, BEFORE_TEXT);
        cipher.updateAAD(label.getBytes(StandardCharsets.UTF_8));
        Arrays.fill(key, (byte) 0);
        return cipher;
    }

    /** RFC 5869 §2: extract, then the one block of expand that an AES-256 key takes. */
    byte[] derived(byte[] salt, byte[] info) throws GeneralSecurityException {
        byte[] extracted = mac(salt, secret);
        byte[] block = Arrays.copyOf(info, info.length + 1);
        block[info.length] = 1;
        byte[] key = mac(extracted, block);
        Arrays.fill(extracted, (byte) 0);
        return key;
    }

    private static byte[] mac(byte[] key, byte[] text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(MAC);
        mac.init(new SecretKeySpec(key, MAC));
        return mac.doFinal(text);
    }

    /** Where the secret is from, never the secret. */
    @Override
    public String toString() {
        return origin;
    }
}
