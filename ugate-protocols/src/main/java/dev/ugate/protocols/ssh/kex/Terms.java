package dev.ugate.protocols.ssh.kex;

import dev.ugate.spi.Settings;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/**
 * What one end of a connection goes by.
 *
 * @param random seeded already, since loops must not wait: {@link #seeded} makes one
 */
public record Terms(Side side, Algorithms algorithms, Renewal renewal, Settings settings, SecureRandom random) {

    /** A generator that has its seed and never waits for another one; makes it on the calling thread, which may wait. */
    public static SecureRandom seeded() {
        try {
            SecureRandom random = SecureRandom.getInstance("DRBG");
            random.nextInt();
            return random;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean server() {
        return side instanceof Side.Server;
    }
}
