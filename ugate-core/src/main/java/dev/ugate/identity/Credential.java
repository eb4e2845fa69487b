package dev.ugate.identity;

import dev.ugate.model.Identity;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.x509.AlternativeNames;
import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.model.x509.SpiffeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.security.auth.x500.X500Principal;

/**
 * What a party shows: a private key, the chain that certifies it, leaf first, and whom that proves.
 */
public record Credential(PrivateKey key, List<X509Certificate> chain, Identity identity) {
    /** L41. */
    public static final Duration LIFE = Duration.ofHours(24);

    /** L43: how far clocks may be behind. */
    static final Duration BACK = Duration.ofMinutes(5);

    private static final double HALF = 0.5;
    private static final double JITTER = 0.05;

    public Credential {
        chain = List.copyOf(chain);
    }

    /** A key's own certificate, for {@code life} from now on, with one DNS name; nobody but itself vouches for it. */
    public static Credential selfCertified(NodeKey key, String name, Instant now, Duration life) {
        X500Principal self = new X500Principal("CN=" + key.id());
        X509Certificate leaf = new Draft(
                        key.publicKey(), self, now.minus(BACK), now.plus(life), Draft.Kind.END, List.of(name))
                .signed(self, key);
        return new Credential(
                key.privateKey(), List.of(leaf), new Identity(key.id().identity(), Identity.Proof.KEY));
    }

    /**
     * Reads PEM: a chain, leaf first, and its key, which nobody but its owner may touch. Throws {@link IOException} that names the file
     * for anything that would prove nobody.
     */
    public static Credential read(Path cert, Path key) throws IOException {
        List<X509Certificate> chain = chain(cert);
        PrivateKey secret;
        try {
            secret = PemText.key(PemText.text(PrivateFile.read(key)));
        } catch (IllegalArgumentException e) {
            throw new IOException("file " + key + ": " + e.getMessage(), e);
        }
        if (!PublicKeys.isPair(secret, chain.get(0).getPublicKey())) {
            throw new IOException("file " + key + ": not the key of " + cert + ": expected its private key");
        }
        return new Credential(secret, chain, identity(cert, chain.get(0)));
    }

    /** The same for the certificate of the node's own key. */
    public static Credential read(Path cert, NodeKey key) throws IOException {
        List<X509Certificate> chain = chain(cert);
        if (!key.publicKey().equals(chain.get(0).getPublicKey())) {
            throw new IOException("file " + cert + ": not of this node's key: expected the certificate of "
                    + key.id().identity());
        }
        return new Credential(key.privateKey(), chain, identity(cert, chain.get(0)));
    }

    private static List<X509Certificate> chain(Path cert) throws IOException {
        try {
            return PemText.certificates(PemText.text(Files.readAllBytes(cert)));
        } catch (IllegalArgumentException e) {
            throw new IOException("file " + cert + ": " + e.getMessage(), e);
        }
    }

    private static Identity identity(Path cert, X509Certificate leaf) throws IOException {
        try {
            Optional<SpiffeId> id = AlternativeNames.of(leaf).spiffe();
            return id.isPresent()
                    ? new Identity(id.get().text(), Identity.Proof.CERTIFICATE)
                    : new Identity(
                            NodeId.of(PublicKeys.marshalled(leaf.getPublicKey()))
                                    .identity(),
                            Identity.Proof.KEY);
        } catch (CertificateException e) {
            throw new IOException("file " + cert + ": " + e.getMessage(), e);
        }
    }

    public Instant notAfter() {
        return chain.get(0).getNotAfter().toInstant();
    }

    /** When to put another in its place: half of what was left at {@code since}, give or take a tenth of that (T117). */
    public Instant renewAt(Instant since, RandomGenerator random) {
        double share = HALF + random.nextDouble(-JITTER, JITTER);
        return since.plusMillis((long) (Duration.between(since, notAfter()).toMillis() * share));
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "Credential[" + identity + ", until " + notAfter() + "]";
    }
}
