package dev.ugate.protocols.ssh.auth;

import dev.ugate.model.ssh.KeyType;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.protocols.ssh.kex.HostKeys;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;

/** The host key of this node: its certificate of the mesh for members, the operator's for others. */
public final class OwnHostKeys implements HostKeys {
    private static final String PLAIN = KeyType.ED25519.word();
    private static final String CERTIFIED = KeyType.ED25519.certificate();

    private final SshPrivateKey key;
    private final Optional<SshCertificate> certificate;

    private OwnHostKeys(SshPrivateKey key, Optional<SshCertificate> certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    /** What a client is shown; {@code member} says whether its software is that of members of the mesh. */
    public static OwnHostKeys of(Party.Shown shown, boolean member) {
        return new OwnHostKeys(
                shown.hostKey(), member ? Optional.of(shown.member().host()) : shown.hostCertificate());
    }

    @Override
    public List<String> algorithms() {
        return certificate.isPresent() ? List.of(CERTIFIED, PLAIN) : List.of(PLAIN);
    }

    @Override
    public byte[] blob(String algorithm) {
        return algorithm.equals(CERTIFIED)
                ? certificate.orElseThrow().blob()
                : key.publicKey().blob();
    }

    @Override
    public byte[] sign(String algorithm, byte[] data) {
        try {
            return key.sign(PLAIN, data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
