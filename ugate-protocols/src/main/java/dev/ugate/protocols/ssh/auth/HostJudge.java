package dev.ugate.protocols.ssh.auth;

import dev.ugate.identity.NodeCertificate;
import dev.ugate.model.HostPort;
import dev.ugate.model.Identity;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.ssh.KeyType;
import dev.ugate.model.ssh.KnownHosts.Verdict;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshSignature;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.net.tls.LiveProofs;
import dev.ugate.protocols.ssh.kex.HostTrust;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A client's judgement of one host (T77): whoever is expected must prove to be that; where nobody is, the host must be known. What is
 * unknown is refused, and nothing is learnt.
 */
public final class HostJudge implements HostTrust {
    private static final String PLAIN = KeyType.ED25519.word();
    private static final String CERTIFIED = KeyType.ED25519.certificate();

    private final HostPort host;
    private final Set<String> expected;
    private final Party party;
    private final InstantSource clock;
    private byte @Nullable [] judged;
    private @Nullable Proven proven;

    /**
     * Whom a host proved to be.
     *
     * @param member the proof of a member of the mesh
     */
    public record Proven(Identity identity, Host host, Optional<LiveProofs.Proof> member) {
        SshKey key() {
            return host.key();
        }
    }

    /**
     * @param host as it was asked for
     * @param expected identities, any of which is right; empty for a host that must be known
     */
    public HostJudge(HostPort host, Set<String> expected, Party party, InstantSource clock) {
        this.host = host;
        this.expected = Set.copyOf(expected);
        this.party = party;
        this.clock = clock;
    }

    /** Whom the host proved to be; empty before it did. */
    public Optional<Proven> proven() {
        return Optional.ofNullable(proven);
    }

    private boolean pinned() {
        return expected.stream().anyMatch(each -> each.startsWith(SshKey.FORM));
    }

    @Override
    public List<String> algorithms() {
        if (expected.isEmpty()) {
            return party.knownHosts().hasAuthority(host) ? List.of(CERTIFIED, PLAIN) : List.of(PLAIN, CERTIFIED);
        }
        boolean member = expected.stream().anyMatch(each -> !each.startsWith(SshKey.FORM));
        return member ? pinned() ? List.of(CERTIFIED, PLAIN) : List.of(CERTIFIED) : List.of(PLAIN, CERTIFIED);
    }

    @Override
    public void verify(String algorithm, byte[] blob, byte[] data, byte[] signature) {
        try {
            Proven now = proven != null && Arrays.equals(judged, blob) ? proven : judge(algorithm, blob);
            SshSignature made = SshSignature.parse(signature);
            if (!made.algorithm().equals(PLAIN) || !made.verifies(now.key(), data)) {
                throw new CertificateException("signature does not verify: expected that of " + now.key());
            }
            judged = blob.clone();
            proven = now;
        } catch (CertificateException | IllegalArgumentException e) {
            throw Refused.because(Refusal.UPSTREAM_IDENTITY, "host key of " + host + ": " + e.getMessage());
        }
    }

    private Proven judge(String algorithm, byte[] blob) throws CertificateException {
        if (proven != null) {
            throw new CertificateException("another than before: expected " + proven.key());
        }
        if (algorithm.equals(CERTIFIED)) {
            SshCertificate certificate = SshCertificate.parse(blob);
            return certificate.key().type() == KeyType.ED25519 ? certified(certificate) : wrong(algorithm);
        }
        SshKey key = SshKey.parse(blob);
        return algorithm.equals(PLAIN) && key.type() == KeyType.ED25519 ? plain(key) : wrong(algorithm);
    }

    private static Proven wrong(String algorithm) throws CertificateException {
        throw new CertificateException("algorithm " + algorithm + ": expected " + PLAIN + " or " + CERTIFIED);
    }

    private Proven plain(SshKey key) throws CertificateException {
        Host shown = Host.plain(host, key);
        Proven found = new Proven(key.identity(), shown, Optional.empty());
        if (isRevoked(shown)) {
            throw new CertificateException(key + ": revoked");
        }
        if (!expected.isEmpty()) {
            return asExpected(found, List.of(found.identity.name()));
        }
        return switch (shown.verdict(party.knownHosts())) {
            case TRUSTED -> found;
            case CHANGED -> throw new CertificateException(key + ": another than the known one");
            case UNKNOWN, REVOKED ->
                throw new CertificateException(
                        key + ": unknown: expected it in ssh.knownHosts, or an identity of the endpoint");
        };
    }

    private boolean isRevoked(Host shown) {
        return shown.isRevoked(party.knownHosts(), party.keyring());
    }

    private Proven certified(SshCertificate certificate) throws CertificateException {
        Host shown = Host.certified(host, certificate);
        SshKey key = certificate.key();
        if (isRevoked(shown)) {
            throw new CertificateException(certificate + ": revoked");
        }
        if (expected.contains(key.identity().name())) {
            return new Proven(key.identity(), shown, Optional.empty());
        }
        if (NodeCertificate.isOne(certificate)) {
            return member(certificate, shown);
        }
        if (!expected.isEmpty()) {
            throw new CertificateException(certificate + ": of no member of the mesh: expected " + oneOf());
        }
        if (shown.verdict(party.knownHosts()) != Verdict.TRUSTED) {
            throw new CertificateException(certificate + " by " + certificate.authority()
                    + ": unknown: expected @cert-authority in ssh.knownHosts");
        }
        certificate.check(Kind.HOST, clock.instant(), Duration.ZERO);
        if (!certificate.names(host.host())) {
            throw new CertificateException(
                    certificate + ": for " + certificate.terms().principals() + ": expected " + host.host());
        }
        return new Proven(new Identity(key.identity().name(), Identity.Proof.SSH_CERTIFICATE), shown, Optional.empty());
    }

    private Proven member(SshCertificate certificate, Host shown) throws CertificateException {
        if (expected.isEmpty()) {
            throw new CertificateException(
                    certificate + ": of a member of the mesh: expected an identity of the endpoint");
        }
        List<X509Certificate> chain = NodeCertificate.chain(certificate, Kind.HOST, clock.instant());
        Identity identity = party.verifier().verify(chain, Identity.End.SERVER);
        // Who is expected by key may have had it certified under another name.
        String byKey =
                NodeId.of(PublicKeys.marshalled(chain.get(0).getPublicKey())).identity();
        return asExpected(
                new Proven(identity, shown, Optional.of(new LiveProofs.Proof(identity, chain, Identity.End.SERVER))),
                List.of(identity.name(), byKey));
    }

    private Proven asExpected(Proven found, List<String> names) throws CertificateException {
        if (names.stream().noneMatch(expected::contains)) {
            throw new CertificateException(found.identity + ": expected " + oneOf());
        }
        return found;
    }

    private String oneOf() {
        return String.join(" or ", new TreeSet<>(expected));
    }
}
