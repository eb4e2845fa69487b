package dev.ugate.app.ssh;

import dev.ugate.model.ssh.PrivateKeyText;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.model.x509.PemText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A private key in a file; that nobody else may touch it was checked with the configuration. */
final class SecretFile {
    private static final int LONGEST = 64 << 10;

    private SecretFile() {}

    /** Throws {@link IOException} that names the file. */
    static SshPrivateKey key(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return PrivateKeyText.parse(PemText.text(in.readNBytes(LONGEST)));
        } catch (IllegalArgumentException e) {
            throw new IOException("file " + file + ": " + e.getMessage(), e);
        }
    }
}
