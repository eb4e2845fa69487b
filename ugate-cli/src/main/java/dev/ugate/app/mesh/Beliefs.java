package dev.ugate.app.mesh;

import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.identity.Bundle;
import dev.ugate.identity.Revocations;
import dev.ugate.identity.Trust;
import dev.ugate.model.Identity;
import dev.ugate.model.x509.AlternativeNames;
import dev.ugate.model.x509.PemText;
import dev.ugate.net.tls.MeshVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom the node believes at this moment: the roots of trust domains, less who is revoked.
 *
 * @param gone roots that were believed once: what hangs on them may still live
 */
record Beliefs(Trust trust, Revocations revocations, Set<X509Certificate> gone) implements MeshVerifier {
    private static final Logger LOG = LoggerFactory.getLogger(Beliefs.class);

    /** Of the JDK's path builder, 17 to 25. */
    private static final String UNTRUSTED = "sun.security.util.UntrustedCertificates";

    static final Beliefs NONE = new Beliefs(Trust.NOBODY, Revocations.NONE, Set.of());

    Beliefs {
        gone = Set.copyOf(gone);
    }

    /** Reads the files of a configuration; throws {@link IOException} that names the one that cannot be used. */
    static Beliefs read(MeshConfig config, Clock clock) throws IOException {
        Map<String, List<X509Certificate>> roots = new HashMap<>();
        Map<String, Bundle> bundles = new HashMap<>();
        for (MeshConfig.Anchor anchor : config.trust()) {
            try {
                List<X509Certificate> all = roots.computeIfAbsent(anchor.domain(), domain -> new ArrayList<>());
                all.addAll(PemText.certificates(PemText.text(Files.readAllBytes(anchor.bundle()))));
                bundles.put(anchor.domain(), new Bundle(anchor.domain(), all));
            } catch (IllegalArgumentException e) {
                throw wrong(anchor.bundle(), e);
            }
        }
        if (!bundles.isEmpty()) {
            initialize();
        }
        Trust trust = new Trust(bundles, clock);
        if (config.revoked().isEmpty()) {
            return new Beliefs(trust, Revocations.NONE, Set.of());
        }
        Path file = config.revoked().get();
        try {
            return new Beliefs(trust, Revocations.parse(Files.readAllBytes(file), trust), Set.of());
        } catch (IllegalArgumentException e) {
            throw wrong(file, e);
        }
    }

    /** What judges chains reads a file of the JDK when it is first used, which over SSH is on a loop (J6). */
    private static void initialize() {
        try {
            Class.forName(UNTRUSTED);
        } catch (ClassNotFoundException elsewhere) {
            LOG.atDebug().addKeyValue("class", UNTRUSTED).log("not in this JDK");
        }
    }

    private static IOException wrong(Path file, IllegalArgumentException why) {
        return new IOException("file " + file + ": " + why.getMessage(), why);
    }

    @Override
    public Identity verify(List<X509Certificate> chain, Identity.End end) throws CertificateException {
        Identity identity = trust.verify(chain, end);
        if (revocations.revoked(chain)) {
            String text = "certificate of " + identity + ": revoked";
            throw new CertificateException(
                    text, new CertPathValidatorException(text, null, null, -1, BasicReason.REVOKED));
        }
        return identity;
    }

    /** These, knowing what {@code before} believed and these do not. */
    Beliefs after(Beliefs before) {
        Set<X509Certificate> roots = new HashSet<>(before.gone);
        roots.addAll(before.trust.without(trust));
        return new Beliefs(trust, revocations, roots);
    }

    /** Whether a chain that was believed once is so no longer: revoked, or hanging on a root, or a whole trust domain, that is gone. */
    boolean over(List<X509Certificate> chain) {
        return revocations.revoked(chain)
                || !isOfKnownDomain(chain.get(0))
                || mayHangOnGone(chain) && !trust.vouches(chain);
    }

    /** By name, so that the others cost nothing. */
    private boolean mayHangOnGone(List<X509Certificate> chain) {
        return gone.stream()
                .anyMatch(root -> chain.stream()
                        .anyMatch(one -> one.getIssuerX500Principal().equals(root.getSubjectX500Principal())));
    }

    private boolean isOfKnownDomain(X509Certificate leaf) {
        try {
            return AlternativeNames.of(leaf)
                    .spiffe()
                    .map(id -> trust.domains().contains(id.domain()))
                    .orElse(true);
        } catch (CertificateException unreadable) {
            return false;
        }
    }
}
