package dev.ugate.model.x509;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What a certificate calls its holder, by the type of each name (T19); its subject is no name at all (T20). */
public record AlternativeNames(List<String> dns, List<String> uris) {
    private static final int DNS = 2;
    private static final int URI = 6;

    public AlternativeNames {
        dns = List.copyOf(dns);
        uris = List.copyOf(uris);
    }

    /** Throws {@link CertificateException} for names that cannot be read, and for a control character in any of them. */
    public static AlternativeNames of(X509Certificate leaf) throws CertificateException {
        List<String> dns = new ArrayList<>(2);
        List<String> uris = new ArrayList<>(2);
        Collection<List<?>> all = leaf.getSubjectAlternativeNames();
        for (List<?> entry : all == null ? List.<List<?>>of() : all) {
            if (entry.get(1) instanceof String name) {
                if (name.chars().anyMatch(c -> c < 0x20 || c == 0x7F)) {
                    throw new CertificateException("certificate name: control character: expected none");
                }
                if (entry.get(0).equals(DNS)) {
                    dns.add(name);
                } else if (entry.get(0).equals(URI)) {
                    uris.add(name);
                }
            }
        }
        return new AlternativeNames(dns, uris);
    }

    /**
     * The SPIFFE id when one is among the names: exactly one URI, parsed strictly. Throws {@link CertificateException} when one is meant
     * and none is there.
     */
    public Optional<SpiffeId> spiffe() throws CertificateException {
        if (uris.stream().noneMatch(uri -> uri.startsWith(SpiffeId.SCHEME))) {
            return Optional.empty();
        }
        if (uris.size() != 1 || !SpiffeId.isLegal(uris.get(0))) {
            throw new CertificateException("certificate names " + uris + ": expected one SPIFFE id");
        }
        return Optional.of(new SpiffeId(uris.get(0)));
    }
}
