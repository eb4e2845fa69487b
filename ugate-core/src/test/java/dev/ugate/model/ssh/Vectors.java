package dev.ugate.model.ssh;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What {@code ssh/make.sh} made with OpenSSH's own tools. */
final class Vectors {
    private Vectors() {}

    static String text(String name) {
        try (InputStream in = Vectors.class.getResourceAsStream("/ssh/" + name)) {
            if (in == null) {
                throw new AssertionError("vector " + name + ": missing: expected ssh/make.sh to have made it");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static SshKey key(String name) {
        return SshKey.parse(text(name + ".pub"));
    }

    static SshPrivateKey secret(String name) {
        return PrivateKeyText.parse(text(name + ".key"));
    }

    static SshCertificate certificate(String name) {
        return SshCertificate.parse(text(name + "-cert.pub"));
    }
}
