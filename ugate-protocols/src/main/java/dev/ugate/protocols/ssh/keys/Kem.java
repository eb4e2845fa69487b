package dev.ugate.protocols.ssh.keys;

import java.security.SecureRandom;

/** A key encapsulation that quantum computers are not known to break: BouncyCastle's, and the only place that names it. */
interface Kem {
    /** Bytes of a public key. */
    int publicSize();

    /** Bytes of an encapsulated secret. */
    int sealedSize();

    Pair pair(SecureRandom random);

    /** A secret for the holder of {@code publicKey}, which throws unless it is one. */
    Encapsulated encapsulate(byte[] publicKey, SecureRandom random);

    /** A new key pair. */
    interface Pair {
        byte[] publicKey();

        byte[] open(byte[] sealed);
    }

    /** A secret, and how to tell it to the other side. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Encapsulated(byte[] secret, byte[] sealed) {}
}
