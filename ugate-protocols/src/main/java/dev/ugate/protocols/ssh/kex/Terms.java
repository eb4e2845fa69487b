package dev.ugate.protocols.ssh.kex;

import dev.ugate.spi.Settings;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.concurrent.Executor;

/**
 * What one end of a connection goes by.
 *
 * @param random seeded already, since loops must not wait: {@link #seeded} makes one
 * @param arithmetic where the long steps of key exchanges are computed
 */
public record Terms(
        Side side,
        Algorithms algorithms,
        Renewal renewal,
        Settings settings,
        SecureRandom random,
        Executor arithmetic) {
    /** For tests, and for whoever has nothing else on the loop. */
    public static final Executor ON_THE_LOOP = Runnable::run;

    public Terms(Side side, Algorithms algorithms, Renewal renewal, Settings settings, SecureRandom random) {
        this(side, algorithms, renewal, settings, random, ON_THE_LOOP);
    }

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
