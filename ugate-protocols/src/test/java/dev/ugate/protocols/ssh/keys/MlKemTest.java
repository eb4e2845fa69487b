package dev.ugate.protocols.ssh.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.SecretKey;
import org.junit.jupiter.api.Test;

/** Against the JDK's own ML-KEM, which came with 24. */
final class MlKemTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What X.509 puts before a public key of ML-KEM-768 (RFC 9935). */
    private static final byte[] PREFIX = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

    @Test
    void opensWhatTheJdkSealed() throws Exception {
        assumeThat(Runtime.version().feature()).isGreaterThanOrEqualTo(24);
        Kem.Pair pair = new MlKem().pair(RANDOM);
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + pair.publicKey().length);
        System.arraycopy(pair.publicKey(), 0, encoded, PREFIX.length, pair.publicKey().length);
        PublicKey key = KeyFactory.getInstance("ML-KEM").generatePublic(new X509EncodedKeySpec(encoded));
        // Not in Java 17, which this is compiled for.
        Class<?> type = Class.forName("javax.crypto.KEM");
        Object kem = type.getMethod("getInstance", String.class).invoke(null, "ML-KEM");
        Object encapsulator = type.getMethod("newEncapsulator", PublicKey.class).invoke(kem, key);
        Object made = encapsulator.getClass().getMethod("encapsulate").invoke(encapsulator);
        byte[] sealed = (byte[]) made.getClass().getMethod("encapsulation").invoke(made);
        SecretKey secret = (SecretKey) made.getClass().getMethod("key").invoke(made);
        assertThat(pair.open(sealed)).isEqualTo(secret.getEncoded());
    }
}
