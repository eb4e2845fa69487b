package dev.ugate.protocols.ssh.auth;

import dev.ugate.identity.NodeCertificate;
import dev.ugate.identity.Revocations;
import dev.ugate.model.Identity;
import dev.ugate.model.Peer;
import dev.ugate.model.ssh.AuthorizedKeys;
import dev.ugate.model.ssh.KeyOptions;
import dev.ugate.model.ssh.Principals;
import dev.ugate.model.ssh.Restrictions;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.net.tls.LiveProofs;
import dev.ugate.net.tls.MeshVerifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Whose keys log in. Immutable; replaced whole when a file changes. */
public final class Keyring {
    private final Keys keys;
    private final MeshVerifier verifier;
    private final Supplier<Revocations> over;
    private final InstantSource clock;

    /**
     * What the files say.
     *
     * @param authorized lines of authorized keys, in order
     * @param own the same of whoever runs this process, for peers on this machine
     * @param owner the name of whoever that is, for whom certificates under {@code own} must be that name nobody
     * @param authorities of user certificates, and the trust domains that each may speak for
     * @param revoked fingerprints that count no more
     */
    public record Keys(
            List<AuthorizedKeys.Entry> authorized,
            List<AuthorizedKeys.Entry> own,
            String owner,
            Map<SshKey, Set<String>> authorities,
            Set<String> revoked) {
        public static final Keys NONE = new Keys(List.of(), List.of(), "", Map.of(), Set.of());

        public Keys {
            authorized = List.copyOf(authorized);
            own = List.copyOf(own);
            authorities = Map.copyOf(authorities);
            revoked = Set.copyOf(revoked);
        }
    }

    /** {@code over} says who is revoked beside those of {@code keys}, asked at each judgement. */
    public Keyring(Keys keys, MeshVerifier verifier, Supplier<Revocations> over, InstantSource clock) {
        this.keys = keys;
        this.verifier = verifier;
        this.over = over;
        this.clock = clock;
    }

    /**
     * Whom a key that signs proves, as far as everything but the signature goes. Throws {@link CertificateException} with the reason when
     * it proves nobody; that is for logs, not for the peer.
     */
    public Login judge(UserKey key, String name, Peer peer) throws CertificateException {
        if (revoked(key)) {
            throw new CertificateException(key + ": revoked");
        }
        Login login = proven(key, name, peer);
        if (over.get().revoked(login.identity())) {
            throw new CertificateException(login.identity() + ": revoked");
        }
        return login;
    }

    /** Whether a key counts no more, whoever shows it: it, its authority, or the certificate. */
    public boolean revoked(UserKey key) {
        return key.keys().anyMatch(this::revoked)
                || key.certificate().filter(over.get()::revoked).isPresent();
    }

    /** Whether the key of anybody counts no more. */
    boolean revoked(SshKey key) {
        return keys.revoked.contains(key.fingerprint()) || over.get().revoked(key);
    }

    /** Whether the certificate of a host counts no more. */
    boolean revoked(SshCertificate certificate) {
        return revoked(certificate.key())
                || revoked(certificate.authority())
                || over.get().revoked(certificate);
    }

    private Login proven(UserKey key, String name, Peer peer) throws CertificateException {
        Optional<SshCertificate> certificate = key.certificate();
        if (certificate.isEmpty()) {
            return plain(key, name, peer);
        }
        return NodeCertificate.isOne(certificate.get())
                ? member(key, certificate.get(), name)
                : user(key, certificate.get(), name, peer);
    }

    private Login plain(UserKey key, String name, Peer peer) throws CertificateException {
        KeyOptions options = line(key.key(), false, peer);
        return new Login(
                key.key().identity(),
                name,
                key,
                options.restrictions(),
                options.presence(),
                options.until(),
                Optional.empty());
    }

    /** The options of the first line that says this of a key and means such a peer. */
    private KeyOptions line(SshKey key, boolean authority, Peer peer) throws CertificateException {
        String why = "key " + key + ": not authorized";
        for (List<AuthorizedKeys.Entry> file :
                peer.isLocal() ? List.of(keys.authorized, keys.own) : List.of(keys.authorized)) {
            for (AuthorizedKeys.Entry entry : file) {
                KeyOptions options = entry.options();
                if (options.authority() == authority && entry.key().equals(key)) {
                    if (!options.from().include(address(peer))) {
                        why = "key " + key + ": from " + peer.remote() + ": not one of its addresses";
                    } else if (!clock.instant().isBefore(options.until())) {
                        why = "key " + key + ": ended at " + options.until();
                    } else {
                        return file == keys.own ? ofOwner(options) : options;
                    }
                }
            }
        }
        throw new CertificateException(why);
    }

    /** The file of one user speaks of that user. */
    private KeyOptions ofOwner(KeyOptions options) {
        return options.principals().isEmpty() ? options.forPrincipals(List.of(keys.owner)) : options;
    }

    private static Optional<InetAddress> address(Peer peer) {
        return peer.remote() instanceof InetSocketAddress remote
                ? Optional.ofNullable(remote.getAddress())
                : Optional.empty();
    }

    private Login member(UserKey key, SshCertificate certificate, String name) throws CertificateException {
        List<X509Certificate> chain = NodeCertificate.chain(certificate, Kind.USER, clock.instant());
        Identity identity = verifier.verify(chain, Identity.End.CLIENT);
        return new Login(
                identity,
                name,
                key,
                Restrictions.NONE,
                certificate.presence(),
                Instant.MAX,
                Optional.of(new LiveProofs.Proof(identity, chain, Identity.End.CLIENT)));
    }

    private Login user(UserKey key, SshCertificate certificate, String name, Peer peer) throws CertificateException {
        Set<String> domains = keys.authorities.get(certificate.authority());
        KeyOptions options = domains != null ? KeyOptions.NONE : line(certificate.authority(), true, peer);
        certificate.check(Kind.USER, clock.instant(), Duration.ZERO);
        if (!certificate.isFor(address(peer))) {
            throw new CertificateException(
                    "certificate " + certificate + ": from " + peer.remote() + ": not one of its addresses");
        }
        Instant until = certificate.until().isBefore(options.until()) ? certificate.until() : options.until();
        return new Login(
                identity(certificate, options.principals(), name, domains == null ? Set.of() : domains),
                name,
                key,
                certificate.restrictions().and(options.restrictions()),
                domains != null
                        ? certificate.presence()
                        : certificate.presence().and(options.presence()),
                until,
                Optional.empty());
    }

    /** Of several principals that of the name that is logged in with, else the first that is an identity. */
    private static Identity identity(SshCertificate certificate, List<String> allowed, String name, Set<String> domains)
            throws CertificateException {
        List<String> principals = certificate.terms().principals().stream()
                .filter(each -> allowed.isEmpty() || allowed.contains(each))
                .toList();
        Optional<Identity> named = principals.contains(name) ? Principals.identity(name, domains) : Optional.empty();
        if (named.isPresent()) {
            return named.get();
        }
        for (String principal : principals) {
            Optional<Identity> identity = Principals.identity(principal, domains);
            if (identity.isPresent()) {
                return identity.get();
            }
        }
        throw new CertificateException("certificate " + certificate + ": for "
                + certificate.terms().principals() + ": expected "
                + (allowed.isEmpty() ? "a user, or an id of " + domains : "one of " + allowed));
    }
}
