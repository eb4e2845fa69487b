package dev.ugate.model.x509;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Public keys by their SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). */
public final class PublicKeys {
    private static final int LEAST_RSA = 2048;

    /** Beyond it one verification takes a loop's worth of time (T16). */
    private static final int MOST_RSA = 8192;

    /** Everything before the key's own octets: P-256, P-384 (RFC 5480 §2), Ed25519 (RFC 8410 §4). */
    private static final List<byte[]> CURVES = List.of(
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
            HexFormat.of().parseHex("3076301006072a8648ce3d020106052b8104002203620004"),
            HexFormat.of().parseHex("302a300506032b6570032100"));

    private PublicKeys() {}

    /** The octets that ids are made of: {@code 04‖X‖Y} for EC, the 32 of Ed25519, PKCS#1 for RSA. */
    public static byte[] marshalled(PublicKey key) {
        DerReader info = new DerReader(key.getEncoded()).into(Der.SEQUENCE);
        info.content();
        return info.bits();
    }

    /** The first octets of the SHA-256 of a marshalled key. */
    public static byte[] fingerprint(PublicKey key, int octets) {
        try {
            return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(marshalled(key)), octets);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a private key is that of a public one: what it signs verifies. EC and RSA. */
    public static boolean isPair(PrivateKey secret, PublicKey key) {
        try {
            Signature signature =
                    Signature.getInstance("SHA256with" + (secret.getAlgorithm().equals("EC") ? "ECDSA" : "RSA"));
            signature.initSign(secret);
            byte[] signed = signature.sign();
            signature.initVerify(key);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Whether a key is strong and of a kind that the mesh takes (L46): Ed25519, P-256, P-384, RSA of 2048 bits and more. */
    public static boolean isAccepted(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            return bits >= LEAST_RSA
                    && bits <= MOST_RSA
                    && rsa.getPublicExponent().testBit(0)
                    && rsa.getPublicExponent().bitLength() > 1;
        }
        byte[] encoded = key.getEncoded();
        return CURVES.stream()
                .anyMatch(head ->
                        encoded.length > head.length && Arrays.equals(head, 0, head.length, encoded, 0, head.length));
    }
}
