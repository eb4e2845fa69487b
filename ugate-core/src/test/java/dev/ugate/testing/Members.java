package dev.ugate.testing;

import dev.ugate.model.Identity;
import dev.ugate.net.tls.LiveProofs;
import dev.ugate.net.tls.MeshContexts;
import dev.ugate.net.tls.MeshVerifier;
import dev.ugate.net.tls.PeerCertificate;
import io.netty.pkitesting.X509Bundle;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLException;

/** A mesh of a test: one authority, the identities it issued, and a verifier of the plainest kind. */
public final class Members implements MeshVerifier {
    /** What accepted connections may speak. */
    public static final List<String> ALPN = List.of("h2", "http/1.1", MeshContexts.ANYTHING);

    public final Authority authority = Authority.create();
    private final InstantSource clock;

    public Members() {
        this(InstantSource.system());
    }

    /** Judges by this clock. */
    public Members(InstantSource clock) {
        this.clock = clock;
    }

    public Instant now() {
        return clock.instant();
    }

    /** What a member shows for an hour. */
    public MeshContexts.Shown issue(String identity) {
        return shown(authority.issue(identity));
    }

    /** The same until {@code end}. */
    public MeshContexts.Shown issue(Instant end, String identity) {
        return shown(authority.issue(end, identity));
    }

    public static MeshContexts.Shown shown(X509Bundle bundle) {
        return new MeshContexts.Shown(bundle.getKeyPair().getPrivate(), List.of(bundle.getCertificatePath()));
    }

    /** The contexts of a member that has no workloads. */
    public MeshContexts contexts(MeshContexts.Shown own) {
        return contexts(own, Map.of());
    }

    public MeshContexts contexts(MeshContexts.Shown own, Map<String, MeshContexts.Shown> workloads) {
        try {
            return MeshContexts.of(own, workloads, this, ALPN);
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Identity verify(List<X509Certificate> chain, Identity.End end) throws CertificateException {
        try {
            TrustAnchor root = new TrustAnchor(authority.root().getCertificate(), null);
            PKIXParameters parameters = new PKIXParameters(Set.of(root));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(judgedAt(chain.get(0))));
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> without = chain.stream()
                    .filter(one -> !one.equals(authority.root().getCertificate()))
                    .toList();
            CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(without), parameters);
            return PeerCertificate.identity(chain.get(0));
        } catch (CertificateException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new CertificateException(e.getMessage(), e);
        }
    }

    /** Now, or the end of what ended within the last minute (L43), as {@code Trust} has it. */
    private Instant judgedAt(X509Certificate leaf) {
        Instant now = clock.instant();
        Instant end = leaf.getNotAfter().toInstant();
        return end.isBefore(now) && !now.isAfter(end.plus(LiveProofs.SKEW)) ? end : now;
    }
}
