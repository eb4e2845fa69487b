package dev.ugate.protocols.ssh.keys;

import java.security.SecureRandom;
import java.util.function.UnaryOperator;
import org.bouncycastle.crypto.SecretWithEncapsulation;

/** A key encapsulation that quantum computers are not known to break: BouncyCastle's, and the only place that names it. */
interface Kem {
    /** Bytes of a public key. */
    int publicSize();

    /** Bytes of an encapsulated secret. */
    int sealedSize();

    Pair pair(SecureRandom random);

    /** A secret for the holder of {@code publicKey}, which throws unless it is one. */
    Encapsulated encapsulate(byte[] publicKey, SecureRandom random);

    /** A new key pair: the half to tell, and what opens what was sealed with it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Pair(byte[] publicKey, UnaryOperator<byte[]> opening) {
        byte[] open(byte[] sealed) {
            return opening.apply(sealed);
        }
    }

    /** A secret, and how to tell it to the other side. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Encapsulated(byte[] secret, byte[] sealed) {
        static Encapsulated of(SecretWithEncapsulation made) {
            return new Encapsulated(made.getSecret(), made.getEncapsulation());
        }
    }
}
