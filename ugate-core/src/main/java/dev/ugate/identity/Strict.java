package dev.ugate.identity;

import dev.ugate.model.Identity;
import dev.ugate.model.x509.PublicKeys;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** What single certificates must be, beyond what path validation asks (T23, L43, L46). */
final class Strict {
    /** L43: how far past its end a certificate is still believed. */
    static final Duration SKEW = Duration.ofSeconds(60);

    private static final String SERVER = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT = "1.3.6.1.5.5.7.3.2";
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int CERTIFICATE_SIGNATURE = 5;
    private static final String PSS = "RSASSA-PSS";
    private static final Set<String> SIGNATURES = Set.of(
            "SHA256withECDSA",
            "SHA384withECDSA",
            "SHA512withECDSA",
            "SHA256withRSA",
            "SHA384withRSA",
            "SHA512withRSA",
            "Ed25519",
            "EdDSA");
    private static final Set<String> DIGESTS = Set.of("SHA-256", "SHA-384", "SHA-512");

    private Strict() {}

    /** An end's certificate: no authority, for this end of a connection, with a key that is taken. */
    static void leaf(X509Certificate leaf, Identity.End end) throws CertificateException {
        key(leaf);
        boolean[] usage = leaf.getKeyUsage();
        if (leaf.getBasicConstraints() >= 0 || usage != null && usage[CERTIFICATE_SIGNATURE]) {
            throw new CertificateException("certificate of an authority: expected that of an end");
        }
        if (usage != null && !usage[DIGITAL_SIGNATURE]) {
            throw new CertificateException("key usage: expected digitalSignature");
        }
        List<String> purposes = leaf.getExtendedKeyUsage();
        if (purposes == null || !purposes.contains(purpose(end))) {
            throw new CertificateException("extended key usage " + (purposes == null ? "none" : purposes.toString())
                    + ": expected " + (end == Identity.End.SERVER ? "serverAuth" : "clientAuth"));
        }
    }

    /** One between a leaf and its root. */
    static void intermediate(X509Certificate issuer, Identity.End end) throws CertificateException {
        key(issuer);
        signed(issuer);
        List<String> purposes = issuer.getExtendedKeyUsage();
        if (purposes != null && !purposes.contains(purpose(end))) {
            throw new CertificateException("authority " + issuer.getSubjectX500Principal() + ": extended key usage "
                    + purposes + ": expected that of its leaves");
        }
    }

    private static String purpose(Identity.End end) {
        return end == Identity.End.SERVER ? SERVER : CLIENT;
    }

    private static void key(X509Certificate certificate) throws CertificateException {
        if (!PublicKeys.isAccepted(certificate.getPublicKey())) {
            throw new CertificateException("key " + certificate.getPublicKey().getAlgorithm()
                    + ": expected Ed25519, P-256, P-384, or RSA of 2048 to 8192 bits");
        }
    }

    /** Signed with a digest of SHA-256 and more. */
    static void signed(X509Certificate certificate) throws CertificateException {
        String algorithm = certificate.getSigAlgName();
        if (!SIGNATURES.contains(algorithm) && !(algorithm.equals(PSS) && DIGESTS.contains(digest(certificate)))) {
            throw new CertificateException("signature " + algorithm + ": expected SHA-256 or more");
        }
    }

    private static String digest(X509Certificate certificate) throws CertificateException {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance(PSS);
            parameters.init(certificate.getSigAlgParams());
            return parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new CertificateException("signature " + PSS + ": expected its parameters", e);
        }
    }

    static void inTime(X509Certificate certificate, Instant now) throws CertificateException {
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            throw new CertificateNotYetValidException("certificate valid from " + from + ": expected it by " + now);
        }
        if (now.isAfter(to.plus(SKEW))) {
            throw new CertificateExpiredException("certificate valid until " + to + ": expected it at " + now);
        }
    }
}
