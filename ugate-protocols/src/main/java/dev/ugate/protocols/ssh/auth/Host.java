package dev.ugate.protocols.ssh.auth;

import dev.ugate.model.HostPort;
import dev.ugate.model.ssh.KnownHosts;
import dev.ugate.model.ssh.KnownHosts.Verdict;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshKey;
import java.util.Optional;

/**
 * A host that was dialled, and the key that it showed.
 *
 * @param name as it was asked for
 * @param certificate of the key, where it showed one
 */
public record Host(HostPort name, SshKey key, Optional<SshCertificate> certificate) {
    static Host plain(HostPort name, SshKey key) {
        return new Host(name, key, Optional.empty());
    }

    static Host certified(HostPort name, SshCertificate certificate) {
        return new Host(name, certificate.key(), Optional.of(certificate));
    }

    /** What the lines about hosts say of it. */
    Verdict verdict(KnownHosts known) {
        return certificate.map(one -> known.judge(name, one)).orElseGet(() -> known.judge(name, key));
    }

    /** Whether its key, the certificate or who signed that counts no more (T77). */
    public boolean isRevoked(KnownHosts known, Keyring keyring) {
        return verdict(known) == Verdict.REVOKED
                || certificate.map(keyring::revoked).orElseGet(() -> keyring.revoked(key));
    }
}
