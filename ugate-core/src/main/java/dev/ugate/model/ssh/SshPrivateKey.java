package dev.ugate.model.ssh;

import dev.ugate.model.x509.Der;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;

/** A key pair that signs as SSH does. */
public final class SshPrivateKey {
    /** Octets of an Ed25519 key (RFC 8032 §5.1.5). */
    public static final int SEED = 32;

    private static final byte[] PKCS8 = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private final SshKey publicKey;
    private final PrivateKey secret;

    /** Nobody asks whether they belong together: what it signs would not verify. */
    public SshPrivateKey(SshKey publicKey, PrivateKey secret) {
        this.publicKey = publicKey;
        this.secret = secret;
    }

    /** The Ed25519 pair of a seed. */
    public static SshPrivateKey ed25519(byte[] seed) {
        if (seed.length != SEED) {
            throw new IllegalArgumentException("key ssh-ed25519: " + seed.length + " octets: expected 32");
        }
        try {
            // The JDK makes the public key of a private one only where it generates both.
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new Known(seed));
            SshKey key = SshKey.of(generator.generateKeyPair().getPublic());
            return new SshPrivateKey(key, secret(seed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static PrivateKey secret(byte[] seed) throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(Der.join(PKCS8, seed)));
    }

    /** Says the octets that it was given. */
    private static final class Known extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final byte[] seed;

        Known(byte[] seed) {
            this.seed = seed.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(seed, 0, bytes, 0, Math.min(seed.length, bytes.length));
        }
    }

    public SshKey publicKey() {
        return publicKey;
    }

    /** Words of the signatures that it makes, best first. */
    public List<String> algorithms() {
        return publicKey.type().signatures();
    }

    /** A signature of its best kind, as the wire has it. */
    public byte[] sign(byte[] data) throws GeneralSecurityException {
        return sign(algorithms().get(0), data);
    }

    /** A signature of this kind, as the wire has it. */
    public byte[] sign(String algorithm, byte[] data) throws GeneralSecurityException {
        if (!algorithms().contains(algorithm)) {
            throw new GeneralSecurityException(
                    "signature " + algorithm + " by " + publicKey.type().word() + ": expected one of " + algorithms());
        }
        return SshSignature.sign(secret, algorithm, data);
    }

    /** Without the private key. */
    @Override
    public String toString() {
        return "SshPrivateKey[" + publicKey + "]";
    }
}
