package dev.ugate.identity;

import dev.ugate.model.Identity;
import dev.ugate.model.x509.AlternativeNames;
import dev.ugate.model.x509.DerReader;
import dev.ugate.model.x509.SpiffeId;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The roots of one trust domain, which vouch for its ids and for nothing else. */
public record Bundle(String domain, List<X509Certificate> roots) {
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    /** Throws {@link IllegalArgumentException} when there is no root, and for a certificate that is no authority's. */
    public Bundle {
        roots = List.copyOf(roots);
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("bundle of " + domain + ": empty: expected a root");
        }
        for (X509Certificate root : roots) {
            boolean[] usage = root.getKeyUsage();
            if (root.getBasicConstraints() < 0 || usage != null && !usage[5]) {
                throw new IllegalArgumentException("bundle of " + domain + ": " + root.getSubjectX500Principal()
                        + ": no authority: expected basicConstraints CA and keyCertSign");
            }
        }
    }

    /** Whether a path leads from the leaf to a root (RFC 5280 §6); no certificate and no status is ever fetched. */
    void verify(List<X509Certificate> chain, Identity.End end, Instant now) throws CertificateException {
        List<X509Certificate> path;
        X509Certificate root;
        try {
            PKIXBuilderParameters parameters = parameters(chain, anchors(now), judgedAt(chain, now));
            var found = (PKIXCertPathBuilderResult)
                    CertPathBuilder.getInstance("PKIX").build(parameters);
            root = found.getTrustAnchor().getTrustedCert();
            path = found.getCertPath().getCertificates().stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (CertPathBuilderException e) {
            throw new CertificateException("bundle of " + domain + ": " + reason(e), e);
        } catch (GeneralSecurityException e) {
            throw new CertificateException("bundle of " + domain + ": " + e.getMessage(), e);
        }
        for (X509Certificate between : path.subList(1, path.size())) {
            Strict.intermediate(between, end);
            ofThisDomain(between);
        }
        Strict.signed(path.get(0));
        ofThisDomain(root);
        // RFC 5280 leaves a root's own limit to the verifier, and the JDK leaves it out.
        if (root.getBasicConstraints() < path.size() - 1) {
            throw new CertificateException("bundle of " + domain + ": path length " + (path.size() - 1)
                    + ": expected at most " + root.getBasicConstraints());
        }
    }

    /** Whether a path leads from the leaf to a root that is in time, whether or not the chain itself is. */
    boolean reaches(List<X509Certificate> chain, Instant now) {
        Instant earliestEnd =
                chain.stream().map(one -> one.getNotAfter().toInstant()).reduce(now, (a, b) -> a.isBefore(b) ? a : b);
        try {
            CertPathBuilder.getInstance("PKIX").build(parameters(chain, anchors(now), earliestEnd));
            return true;
        } catch (GeneralSecurityException nowhere) {
            return false;
        }
    }

    private static PKIXBuilderParameters parameters(List<X509Certificate> chain, Set<TrustAnchor> anchors, Instant at)
            throws GeneralSecurityException {
        X509CertSelector leaf = new X509CertSelector();
        leaf.setCertificate(chain.get(0));
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, leaf);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(at));
        return parameters;
    }

    /** The roots that are in time: the JDK does not ask. */
    private Set<TrustAnchor> anchors(Instant now) throws CertificateException {
        Set<TrustAnchor> anchors = new HashSet<>();
        CertificateException last = null;
        for (X509Certificate root : roots) {
            try {
                Strict.inTime(root, now);
                anchors.add(new TrustAnchor(root, constraints(root)));
            } catch (CertificateException e) {
                last = e;
            }
        }
        if (last != null && anchors.isEmpty()) {
            throw new CertificateException("root: " + last.getMessage(), last);
        }
        return anchors;
    }

    /** What a root permits its subtree to name; the JDK wants it apart from the certificate. */
    private static byte @Nullable [] constraints(X509Certificate root) {
        byte[] extension = root.getExtensionValue(NAME_CONSTRAINTS);
        return extension == null ? null : new DerReader(extension).content();
    }

    /** Now, or the end of what ended within the last minute (L43). */
    private static Instant judgedAt(List<X509Certificate> chain, Instant now) {
        Instant at = now;
        for (X509Certificate certificate : chain) {
            Instant end = certificate.getNotAfter().toInstant();
            if (end.isBefore(at) && !now.isAfter(end.plus(Strict.SKEW))) {
                at = end;
            }
        }
        return at;
    }

    /** X509-SVID §3: an authority that has an id has that of its trust domain. */
    private void ofThisDomain(X509Certificate authority) throws CertificateException {
        List<String> uris = new ArrayList<>(AlternativeNames.of(authority).uris());
        uris.removeIf(uri -> !uri.startsWith(SpiffeId.SCHEME));
        for (String uri : uris) {
            String rest = uri.substring(SpiffeId.SCHEME.length());
            if (!rest.equals(domain) && !rest.startsWith(domain + "/")) {
                throw new CertificateException("authority of " + uri + ": expected one of " + domain);
            }
        }
    }

    private static String reason(CertPathBuilderException e) {
        Throwable at = e;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        return String.valueOf(at.getMessage());
    }

    @Override
    public String toString() {
        return "Bundle[" + domain + ", " + roots.size() + " roots]";
    }
}
