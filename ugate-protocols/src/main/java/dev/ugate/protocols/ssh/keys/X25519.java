package dev.ugate.protocols.ssh.keys;

import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Violation;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** One key pair of X25519 (RFC 7748), the JDK's, with keys as they are on the wire. */
final class X25519 {
    static final int SIZE = 32;

    /** What X.509 puts before the 32 bytes (RFC 8410 §4). */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

    private final KeyPair pair;

    X25519(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
            generator.initialize(NamedParameterSpec.X25519, random);
            pair = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] publicKey() {
        byte[] encoded = pair.getPublic().getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - SIZE, encoded.length);
    }

    /** What only the holders of both private keys know; never all zeros (RFC 8731 §3). */
    byte[] secret(byte[] peer) {
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + SIZE);
        System.arraycopy(peer, 0, encoded, PREFIX.length, SIZE);
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(pair.getPrivate());
            agreement.doPhase(KeyFactory.getInstance("X25519").generatePublic(new X509EncodedKeySpec(encoded)), true);
            return agreement.generateSecret();
        } catch (InvalidKeyException e) {
            throw Violation.of(Disconnect.KEY_EXCHANGE_FAILED, "key exchange: bad public key");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
