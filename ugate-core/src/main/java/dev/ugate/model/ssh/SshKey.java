package dev.ugate.model.ssh;

import dev.ugate.model.Identity;
import dev.ugate.model.x509.Der;
import dev.ugate.model.x509.PublicKeys;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;

/** A public key as SSH writes it (RFC 4253 §6.6): its kind, and the octets that names of keys are made of. */
public final class SshKey {
    /** What an identity begins with that is a key's fingerprint. */
    public static final String FORM = "ssh:";

    private static final int LEAST_RSA = 2048;

    /** Beyond it one verification takes a loop's worth of time (T16). */
    private static final int MOST_RSA = 8192;

    private final KeyType type;
    private final byte[] blob;

    private SshKey(KeyType type, byte[] blob) {
        this.type = type;
        this.blob = blob;
    }

    /** The key of an encoding; throws {@link IllegalArgumentException} for a kind that is not taken, and for a weak one. */
    public static SshKey parse(byte[] blob) {
        SshReader in = new SshReader(blob);
        String word = in.text();
        KeyType type = KeyType.of(word)
                .orElseThrow(() ->
                        new IllegalArgumentException("key " + word + ": not taken: expected Ed25519, ECDSA or RSA"));
        SshKey key = read(type, in);
        in.end();
        return key;
    }

    /** The key whose fields come next, without its word. */
    static SshKey read(KeyType type, SshReader in) {
        SshWriter out = new SshWriter().string(type.word());
        if (type == KeyType.RSA) {
            BigInteger exponent = in.mpint();
            BigInteger modulus = in.mpint();
            checkRsa(exponent, modulus);
            return new SshKey(type, out.mpint(exponent).mpint(modulus).bytes());
        }
        type.curve().ifPresent(curve -> {
            String said = in.text();
            if (!said.equals(curve)) {
                throw new IllegalArgumentException("key " + type.word() + ": curve " + said + ": expected " + curve);
            }
            out.string(curve);
        });
        byte[] point = in.string();
        if (point.length != type.octets() || type.curve().isPresent() && point[0] != 4) {
            throw new IllegalArgumentException("key " + type.word() + ": " + point.length + " octets: expected "
                    + type.octets() + ", uncompressed");
        }
        out.string(point);
        if (type.isInToken()) {
            out.string(in.text());
        }
        return new SshKey(type, out.bytes());
    }

    private static void checkRsa(BigInteger exponent, BigInteger modulus) {
        int bits = modulus.bitLength();
        if (bits < LEAST_RSA || bits > MOST_RSA) {
            throw new IllegalArgumentException("key ssh-rsa: " + bits + " bits: expected 2048 to 8192");
        }
        if (!exponent.testBit(0) || exponent.bitLength() < 2 || exponent.bitLength() > 256) {
            throw new IllegalArgumentException("key ssh-rsa: exponent: expected an odd one above 1");
        }
    }

    /** The encoding of a key; throws {@link IllegalArgumentException} for one that has none. */
    public static SshKey of(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            checkRsa(rsa.getPublicExponent(), rsa.getModulus());
            return new SshKey(
                    KeyType.RSA,
                    new SshWriter()
                            .string(KeyType.RSA.word())
                            .mpint(rsa.getPublicExponent())
                            .mpint(rsa.getModulus())
                            .bytes());
        }
        byte[] encoded = key.getEncoded();
        for (KeyType type : KeyType.values()) {
            byte[] head = type.head();
            if (head.length > 0
                    && encoded.length == head.length + type.octets()
                    && Arrays.equals(head, 0, head.length, encoded, 0, head.length)) {
                return of(type, PublicKeys.marshalled(key));
            }
        }
        throw new IllegalArgumentException(
                "key " + key.getAlgorithm() + ": expected Ed25519, P-256, P-384, P-521 or RSA");
    }

    private static SshKey of(KeyType type, byte[] point) {
        SshWriter out = new SshWriter().string(type.word());
        type.curve().ifPresent(out::string);
        return new SshKey(type, out.string(point).bytes());
    }

    /** The key of 32 octets (RFC 8709 §4). */
    public static SshKey ed25519(byte[] point) {
        if (point.length != KeyType.ED25519.octets()) {
            throw new IllegalArgumentException("key ssh-ed25519: " + point.length + " octets: expected 32");
        }
        return of(KeyType.ED25519, point);
    }

    /** Reads {@code ssh-ed25519 AAAA… comment}; throws {@link IllegalArgumentException}. */
    public static SshKey parse(String line) {
        String[] words = line.strip().split("[ \t]+", 3);
        if (words.length < 2) {
            throw new IllegalArgumentException("key: expected its kind and its Base64");
        }
        return parse(words[0], words[1]);
    }

    static SshKey parse(String word, String base64) {
        SshKey key = parse(Base64.getDecoder().decode(base64));
        if (!key.type.word().equals(word)) {
            throw new IllegalArgumentException("key " + word + ": encodes " + key.type.word() + ": expected the same");
        }
        return key;
    }

    public KeyType type() {
        return type;
    }

    public byte[] blob() {
        return blob.clone();
    }

    /** The fields behind the word, as a certificate has them. */
    byte[] fields() {
        return Arrays.copyOfRange(blob, 4 + type.word().length(), blob.length);
    }

    /** What a token was told that the key is for; empty for other keys. */
    String application() {
        SshReader in = fieldsBehindCurve();
        in.string();
        return in.hasMore() ? in.text() : "";
    }

    private SshReader fieldsBehindCurve() {
        SshReader in = new SshReader(fields());
        if (type.curve().isPresent()) {
            in.text();
        }
        return in;
    }

    /** What verifies with it; throws {@link GeneralSecurityException} for a point that is not on its curve. */
    public PublicKey key() throws GeneralSecurityException {
        SshReader in = fieldsBehindCurve();
        if (type == KeyType.RSA) {
            BigInteger exponent = in.mpint();
            return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(in.mpint(), exponent));
        }
        boolean edwards = type.curve().isEmpty();
        PublicKey key = KeyFactory.getInstance(edwards ? "Ed25519" : "EC")
                .generatePublic(new X509EncodedKeySpec(Der.join(type.head(), in.string())));
        if (key instanceof ECPublicKey point && !isOnCurve(point)) {
            throw new GeneralSecurityException("key " + type.word() + ": expected a point of its curve");
        }
        return key;
    }

    private static boolean isOnCurve(ECPublicKey key) {
        EllipticCurve curve = key.getParams().getCurve();
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        ECPoint point = key.getW();
        BigInteger x = point.getAffineX();
        BigInteger y = point.getAffineY();
        return x.compareTo(p) < 0
                && y.compareTo(p) < 0
                && y.multiply(y)
                                .subtract(x.pow(3).add(curve.getA().multiply(x)).add(curve.getB()))
                                .mod(p)
                                .signum()
                        == 0;
    }

    /** {@code SHA256:…}, as {@code ssh-keygen -l} prints it. */
    public String fingerprint() {
        return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest());
    }

    byte[] digest() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(blob);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whom its holder proves to be: {@code ssh:SHA256:…}. */
    public Identity identity() {
        return new Identity(FORM + fingerprint(), Identity.Proof.SSH_KEY);
    }

    /** {@code ssh-ed25519 AAAA…}. */
    public String text() {
        return type.word() + " " + Base64.getEncoder().encodeToString(blob);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SshKey key && Arrays.equals(blob, key.blob);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(blob);
    }

    @Override
    public String toString() {
        return type.word() + " " + fingerprint();
    }
}
