package dev.ugate.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A certificate to terminate TLS with, as PEM files that are read again when they change.
 *
 * @param cert the chain, leaf first
 * @param key private, readable by its owner only
 * @param ca issuers of client certificates
 */
public record CertificateFiles(Path cert, Path key, ClientAuth clientAuth, Optional<Path> ca) {
    /** Whether a client must show a certificate. */
    public enum ClientAuth {
        NONE,
        REQUEST,
        REQUIRE
    }
}
