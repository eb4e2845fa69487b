package dev.ugate.net.tls;

import dev.ugate.model.x509.PemText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;

/** Files of PEM. */
final class Pem {
    private Pem() {}

    /** Every certificate of a file, in order, at least one; throws {@link IOException} with the file's name. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        return read(file, PemText::certificates);
    }

    /** The first private key of a file, unencrypted; throws {@link IOException} with the file's name, never with its content. */
    static PrivateKey key(Path file) throws IOException {
        return read(file, PemText::key);
    }

    private static <T> T read(Path file, Function<String, T> parse) throws IOException {
        try {
            return parse.apply(PemText.text(Files.readAllBytes(file)));
        } catch (IllegalArgumentException e) {
            throw new IOException("file " + file + ": " + e.getMessage(), e);
        }
    }
}
