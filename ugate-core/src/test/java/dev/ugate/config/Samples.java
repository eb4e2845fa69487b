package dev.ugate.config;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Files that configurations of these tests name. */
final class Samples {
    static final String DIGEST =
            "$6$abcdefgh$yIZAF3gQPvtKZO/9qOJKffAKKbtS3ef3qmwyugk4uWVjX8YZf/GV3A8SkFxEPY0T56CcilGrHKLffBsp6dLMG.";

    private static final X509Bundle BUNDLE = bundle();

    private Samples() {}

    /** A certificate {@code web.pem}, its key {@code web.key} of mode 0600, and {@code users} with ann. */
    static Path in(Path folder) {
        write(folder.resolve("web.pem"), BUNDLE.getCertificatePEM(), "rw-r--r--");
        write(folder.resolve("web.key"), BUNDLE.getPrivateKeyPEM(), "rw-------");
        write(folder.resolve("open.key"), BUNDLE.getPrivateKeyPEM(), "rw-r-----");
        write(folder.resolve("seal.key"), "0123456789abcdef0123456789abcdef", "rw-------");
        write(folder.resolve("revoked.txt"), "", "rw-r--r--");
        write(folder.resolve("users"), "ann:" + DIGEST + "\n", "rw-------");
        write(folder.resolve("bad-users"), "ann:hunter2\nbob\n", "rw-------");
        return folder;
    }

    static void write(Path file, String text, String mode) {
        try {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static X509Bundle bundle() {
        try {
            return new CertificateBuilder()
                    .subject("CN=www.shop.example")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
