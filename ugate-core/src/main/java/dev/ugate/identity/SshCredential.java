package dev.ugate.identity;

import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshPrivateKey;
import java.time.Instant;
import java.util.List;

/**
 * What a node shows over SSH under one of its identities: its key, and the certificates that tie it to that identity.
 *
 * @param of what vouches for it everywhere else; renewed together
 */
public record SshCredential(SshPrivateKey key, SshCertificate host, SshCertificate user, Credential of) {
    /** Costs two signatures. */
    public static SshCredential of(Credential credential, SshPrivateKey key, List<String> names) {
        return new SshCredential(
                key,
                NodeCertificate.issue(credential, key.publicKey(), Kind.HOST, names),
                NodeCertificate.issue(credential, key.publicKey(), Kind.USER, names),
                credential);
    }

    public Instant notAfter() {
        return of.notAfter();
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return "SshCredential[" + of.identity() + ", until " + notAfter() + "]";
    }
}
