package dev.ugate.testing;

import dev.ugate.model.ssh.PrivateKeyText;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What {@code ssh/make.sh} made with OpenSSH's own tools. */
public final class SshVectors {
    private SshVectors() {}

    public static String text(String name) {
        try (InputStream in = SshVectors.class.getResourceAsStream("/ssh/" + name)) {
            if (in == null) {
                throw new AssertionError("vector " + name + ": missing: expected ssh/make.sh to have made it");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public static SshKey key(String name) {
        return SshKey.parse(text(name + ".pub"));
    }

    public static SshPrivateKey secret(String name) {
        return PrivateKeyText.parse(text(name + ".key"));
    }

    public static SshCertificate certificate(String name) {
        return SshCertificate.parse(text(name + "-cert.pub"));
    }
}
