package dev.ugate.identity;

import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.model.ssh.SshReader;
import dev.ugate.model.ssh.SshWriter;
import dev.ugate.model.x509.PemText;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The certificate that ties a node's SSH key to whom it proves to be everywhere else: signed by the key of its X.509 certificate, whose
 * chain it carries, so that one verifier judges both (decision 16).
 */
public final class NodeCertificate {
    /** The extension with the chain, leaf first, a string each; OpenSSH passes over what it does not know. */
    public static final String CHAIN = "x509-chain@ugate.dev";

    private static final int LONGEST_CHAIN = 5;
    private static final int NONCE = 32;

    private NodeCertificate() {}

    /** Certifies a key for one end of connections, for as long as the credential is good. */
    public static SshCertificate issue(Credential by, SshKey key, Kind kind, List<String> names) {
        X509Certificate leaf = by.chain().get(0);
        SortedMap<String, byte[]> extensions = new TreeMap<>();
        extensions.put(CHAIN, chain(by));
        if (kind == Kind.USER) {
            extensions.put("permit-port-forwarding", new byte[0]);
        }
        SshCertificate.Terms terms = new SshCertificate.Terms(
                leaf.getSerialNumber().longValue(),
                kind,
                by.identity().name(),
                names,
                leaf.getNotBefore().toInstant().getEpochSecond(),
                leaf.getNotAfter().toInstant().getEpochSecond(),
                new TreeMap<>(),
                extensions);
        byte[] nonce = new byte[NONCE];
        new SecureRandom().nextBytes(nonce);
        try {
            return SshCertificate.issue(key, terms, new SshPrivateKey(SshKey.of(leaf.getPublicKey()), by.key()), nonce);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] chain(Credential of) {
        SshWriter out = new SshWriter();
        for (byte[] der : PemText.blocks(PemText.text(of.chain()), PemText.CERTIFICATE)) {
            out.string(der);
        }
        return out.bytes();
    }

    /** Whether a certificate is meant to be one of these. */
    public static boolean isOne(SshCertificate certificate) {
        return certificate.terms().extensions().containsKey(CHAIN);
    }

    /**
     * The chain of a certificate that counts now for this end and was signed by the key of its leaf; whom the chain proves is for the
     * verifier of the mesh. Throws {@link CertificateException}.
     */
    public static List<X509Certificate> chain(SshCertificate certificate, Kind kind, Instant now)
            throws CertificateException {
        List<X509Certificate> chain = read(Optional.ofNullable(
                        certificate.terms().extensions().get(CHAIN))
                .orElseThrow(() -> new CertificateException("certificate without " + CHAIN + ": expected one")));
        SshKey leaf;
        try {
            leaf = SshKey.of(chain.get(0).getPublicKey());
        } catch (IllegalArgumentException e) {
            throw new CertificateException(e.getMessage(), e);
        }
        if (!leaf.equals(certificate.authority())) {
            throw new CertificateException("certificate signed by " + certificate.authority() + ": expected " + leaf
                    + ", the key of its " + CHAIN);
        }
        certificate.check(kind, now, Strict.SKEW);
        return chain;
    }

    private static List<X509Certificate> read(byte[] packed) throws CertificateException {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            SshReader in = new SshReader(packed);
            while (in.hasMore() && chain.size() <= LONGEST_CHAIN) {
                chain.add(PemText.certificate(in.string()));
            }
        } catch (IllegalArgumentException e) {
            throw new CertificateException(CHAIN + ": " + e.getMessage(), e);
        }
        if (chain.isEmpty() || chain.size() > LONGEST_CHAIN) {
            throw new CertificateException(CHAIN + ": expected 1 to " + LONGEST_CHAIN + " certificates");
        }
        return chain;
    }
}
