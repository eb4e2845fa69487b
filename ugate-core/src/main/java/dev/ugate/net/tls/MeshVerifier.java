package dev.ugate.net.tls;

import dev.ugate.model.Identity;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/** Decides whom a certificate chain proves: by SPIFFE id under a bundle, or by its key. The one verifier of every mesh transport. */
@FunctionalInterface
public interface MeshVerifier {
    /**
     * Whom {@code chain}, leaf first, proves when {@code end} shows it; throws {@link CertificateException} when it proves nobody. Does
     * not block.
     */
    Identity verify(List<X509Certificate> chain, Identity.End end) throws CertificateException;
}
