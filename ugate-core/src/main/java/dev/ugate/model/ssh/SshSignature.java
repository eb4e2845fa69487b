package dev.ugate.model.ssh;

import dev.ugate.model.x509.Der;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Map;

/**
 * A signature as SSH writes it (RFC 4253 §6.6, RFC 5656 §3.1.2, RFC 8332 §3, RFC 8709 §6, PROTOCOL.u2f of OpenSSH): its algorithm, its
 * value, and what a token adds.
 */
public final class SshSignature {
    /** Each word, and the JDK's name for it. */
    private static final Map<String, String> ALGORITHMS = Map.of(
            "ssh-ed25519", "Ed25519",
            "ecdsa-sha2-nistp256", "SHA256withECDSAinP1363Format",
            "ecdsa-sha2-nistp384", "SHA384withECDSAinP1363Format",
            "ecdsa-sha2-nistp521", "SHA512withECDSAinP1363Format",
            "rsa-sha2-256", "SHA256withRSA",
            "rsa-sha2-512", "SHA512withRSA",
            "sk-ssh-ed25519@openssh.com", "Ed25519",
            "sk-ecdsa-sha2-nistp256@openssh.com", "SHA256withECDSAinP1363Format");

    private static final int TOUCHED = 1;
    private static final int VERIFIED = 4;

    private final String algorithm;
    private final byte[] value;
    private final int flags;
    private final long counter;

    private SshSignature(String algorithm, byte[] value, int flags, long counter) {
        this.algorithm = algorithm;
        this.value = value;
        this.flags = flags;
        this.counter = counter;
    }

    /** Throws {@link IllegalArgumentException} for an algorithm that is not taken, SHA-1 among them. */
    public static SshSignature parse(byte[] blob) {
        SshReader in = new SshReader(blob);
        String algorithm = in.text();
        if (!ALGORITHMS.containsKey(algorithm)) {
            throw new IllegalArgumentException(
                    "signature " + algorithm + ": not taken: expected Ed25519, ECDSA, rsa-sha2-256 or rsa-sha2-512");
        }
        byte[] value = in.string();
        boolean token = algorithm.startsWith("sk-");
        SshSignature signature = new SshSignature(algorithm, value, token ? in.u8() : 0, token ? in.u32() : 0);
        in.end();
        return signature;
    }

    public String algorithm() {
        return algorithm;
    }

    /** Whether a token says that somebody touched it. */
    public boolean touched() {
        return (flags & TOUCHED) != 0;
    }

    /** Whether a token says that it knew who that was. */
    public boolean verified() {
        return (flags & VERIFIED) != 0;
    }

    /** Whether {@code key} signed {@code data}, whatever else a token says. */
    public boolean verifies(SshKey key, byte[] data) {
        KeyType type = key.type();
        if (!type.signatures().contains(algorithm)) {
            return false;
        }
        try {
            PublicKey verifier = key.key();
            Signature signature = Signature.getInstance(ALGORITHMS.get(algorithm));
            signature.initVerify(verifier);
            signature.update(type.isInToken() ? ofToken(key, data) : data);
            return signature.verify(value(type, verifier));
        } catch (GeneralSecurityException | IllegalArgumentException refused) {
            return false;
        }
    }

    private byte[] ofToken(SshKey key, byte[] data) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] application = digest.digest(key.application().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        byte[] message = digest.digest(data);
        return new SshWriter()
                .raw(application)
                .u8(flags)
                .u32(counter)
                .raw(message)
                .bytes();
    }

    /** As the JDK takes it. */
    private byte[] value(KeyType type, PublicKey key) {
        if (type.curve().isPresent()) {
            SshReader in = new SshReader(value);
            int octets = type == KeyType.P521 ? 66 : (type.octets() - 1) / 2;
            byte[] both = Der.join(fixed(in.mpint(), octets), fixed(in.mpint(), octets));
            in.end();
            return both;
        }
        // RFC 8332 §3: without leading zeros from some.
        return key instanceof RSAPublicKey rsa
                ? fixed(new BigInteger(1, value), (rsa.getModulus().bitLength() + 7) / 8)
                : value;
    }

    private static byte[] fixed(BigInteger number, int octets) {
        byte[] bytes = number.toByteArray();
        int from = bytes.length > 1 && bytes[0] == 0 ? 1 : 0;
        int length = bytes.length - from;
        if (length > octets) {
            throw new IllegalArgumentException("signature: number of " + length + " octets: expected " + octets);
        }
        byte[] fixed = new byte[octets];
        System.arraycopy(bytes, from, fixed, octets - length, length);
        return fixed;
    }

    /** The encoding of a new signature; throws {@link GeneralSecurityException} where the key does not fit. */
    static byte[] sign(PrivateKey key, String algorithm, byte[] data) throws GeneralSecurityException {
        String name = ALGORITHMS.get(algorithm);
        if (name == null) {
            throw new GeneralSecurityException("signature " + algorithm + ": not made");
        }
        Signature signature = Signature.getInstance(name);
        signature.initSign(key);
        signature.update(data);
        byte[] value = signature.sign();
        if (name.endsWith("P1363Format")) {
            int half = value.length / 2;
            value = new SshWriter()
                    .mpint(new BigInteger(1, value, 0, half))
                    .mpint(new BigInteger(1, value, half, half))
                    .bytes();
        }
        return new SshWriter().string(algorithm).string(value).bytes();
    }

    @Override
    public String toString() {
        return algorithm;
    }
}
