package dev.ugate.identity;

import dev.ugate.model.Identity;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.x509.AlternativeNames;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.model.x509.SpiffeId;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whom certificates prove: a SPIFFE id under the bundle of its own trust domain, or, where a certificate signs itself, no more than its
 * key. Immutable; the one judge of every transport of the mesh.
 */
public final class Trust {
    /** Believes nobody but in keys. */
    public static final Trust NOBODY = new Trust(Map.of(), Clock.systemUTC());

    /** L14. */
    private static final int LONGEST_CHAIN = 5;

    private final Map<String, Bundle> bundles;
    private final Clock clock;

    /** {@code bundles} by trust domain. */
    public Trust(Map<String, Bundle> bundles, Clock clock) {
        this.bundles = Map.copyOf(bundles);
        this.clock = clock;
    }

    /** The trust domains whose ids can be proven. */
    public List<String> domains() {
        return List.copyOf(new TreeSet<>(bundles.keySet()));
    }

    /** Every root, whatever it vouches for. */
    List<X509Certificate> roots() {
        return bundles.values().stream()
                .flatMap(bundle -> bundle.roots().stream())
                .toList();
    }

    /** The roots of a trust domain that this knows and {@code next} does not. */
    public Set<X509Certificate> without(Trust next) {
        Set<X509Certificate> gone = new HashSet<>();
        bundles.forEach((domain, bundle) -> {
            Bundle kept = next.bundles.get(domain);
            bundle.roots().stream()
                    .filter(root -> kept == null || !kept.roots().contains(root))
                    .forEach(gone::add);
        });
        return gone;
    }

    /** Whether what was verified once still leads to a root of its trust domain, be it out of time by now. */
    public boolean vouches(List<X509Certificate> chain) {
        try {
            Optional<SpiffeId> id = AlternativeNames.of(chain.get(0)).spiffe();
            Bundle bundle = id.map(SpiffeId::domain).map(bundles::get).orElse(null);
            return id.isEmpty() || bundle != null && bundle.reaches(chain, clock.instant());
        } catch (CertificateException unreadable) {
            return false;
        }
    }

    /**
     * Whom {@code chain}, leaf first, proves when {@code end} shows it. Throws {@link CertificateException} when it proves nobody. Computes
     * for a millisecond or two, asks nobody.
     */
    public Identity verify(List<X509Certificate> chain, Identity.End end) throws CertificateException {
        if (chain.isEmpty() || chain.size() > LONGEST_CHAIN) {
            throw new CertificateException("chain of " + chain.size() + ": expected 1 to " + LONGEST_CHAIN);
        }
        X509Certificate leaf = chain.get(0);
        Strict.leaf(leaf, end);
        Optional<SpiffeId> id = AlternativeNames.of(leaf).spiffe();
        Instant now = clock.instant();
        if (chain.size() == 1 && leaf.getIssuerX500Principal().equals(leaf.getSubjectX500Principal())) {
            return selfCertified(leaf, id, now);
        }
        if (id.isEmpty()) {
            throw new CertificateException("certificate names no SPIFFE id: expected one");
        }
        Bundle bundle = bundles.get(id.get().domain());
        if (bundle == null) {
            String text = "trust domain of " + id.get() + ": no bundle: expected one of " + domains();
            throw new CertificateException(text, new CertPathBuilderException(text));
        }
        bundle.verify(chain, end, now);
        return new Identity(id.get().text(), Identity.Proof.CERTIFICATE);
    }

    private static Identity selfCertified(X509Certificate leaf, Optional<SpiffeId> id, Instant now)
            throws CertificateException {
        if (id.isPresent()) {
            throw new CertificateException("certificate for " + id.get() + " signs itself: expected an issuer");
        }
        Strict.signed(leaf);
        Strict.inTime(leaf, now);
        try {
            leaf.verify(leaf.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new CertificateException("certificate does not sign itself: expected it to, or an issuer", e);
        }
        NodeId node = NodeId.of(PublicKeys.marshalled(leaf.getPublicKey()));
        return new Identity(node.identity(), Identity.Proof.KEY);
    }
}
