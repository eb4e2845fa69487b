package dev.ugate.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;

/** Whether this JVM's cryptography can be believed: "psychic signatures" of CVE-2022-21449 (T27). */
public final class SelfTest {
    private SelfTest() {}

    /** Throws {@link IOException} when an ECDSA signature of zeros verifies: then anybody is anybody. */
    public static void run(ECPublicKey key) throws IOException {
        byte[] zeros = {0x30, 6, 2, 1, 0, 2, 1, 0};
        if (verifies(key, zeros)) {
            throw new IOException(
                    "java " + Runtime.version() + ": ECDSA accepts empty signatures: expected 17.0.3 or newer");
        }
    }

    private static boolean verifies(ECPublicKey key, byte[] forged) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initVerify(key);
            signature.update((byte) 1);
            return signature.verify(forged);
        } catch (GeneralSecurityException refused) {
            return false;
        }
    }
}
