package dev.ugate.net.tls;

import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.x509.AlternativeNames;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.model.x509.SpiffeId;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/** Whom a verified certificate proves: by the type of its alternative names, never by its subject (T19, T20). */
public final class PeerCertificate {
    private PeerCertificate() {}

    /**
     * The SPIFFE id when the certificate has one (exactly one URI name, parsed strictly), else {@code key:} and the node id of its public
     * key. Throws {@link Refused} UNAUTHENTICATED for a certificate whose names cannot be trusted.
     */
    public static Identity identity(X509Certificate leaf) {
        try {
            String name = AlternativeNames.of(leaf)
                    .spiffe()
                    .map(SpiffeId::text)
                    .orElseGet(() -> NodeId.of(PublicKeys.marshalled(leaf.getPublicKey()))
                            .identity());
            return new Identity(name, Identity.Proof.CERTIFICATE);
        } catch (CertificateException e) {
            throw Refused.because(Refusal.UNAUTHENTICATED, String.valueOf(e.getMessage()));
        }
    }

    /** The DNS names, as written; throws like {@link #identity}. */
    public static List<String> dnsNames(X509Certificate leaf) {
        try {
            return AlternativeNames.of(leaf).dns();
        } catch (CertificateException e) {
            throw Refused.because(Refusal.UNAUTHENTICATED, String.valueOf(e.getMessage()));
        }
    }

    /** Whether a failed handshake failed because of the peer's certificate. */
    public static boolean isAbout(Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof CertificateException
                    || at instanceof CertPathBuilderException
                    || at instanceof CertPathValidatorException) {
                return true;
            }
        }
        return false;
    }

    /** What was wrong, in the words of the innermost cause. */
    public static String reason(Throwable cause) {
        Throwable at = cause;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        return String.valueOf(at.getMessage());
    }
}
