package dev.ugate.protocols.ssh.auth;

import dev.ugate.model.ssh.KeyType;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.protocols.ssh.kex.HostKeys;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The host key of this node, as one client sees it: with its certificate of the mesh for members, with the operator's for others. */
public final class OwnHostKeys implements HostKeys {
    private static final String PLAIN = KeyType.ED25519.word();
    private static final String CERTIFIED = KeyType.ED25519.certificate();

    private final Party.Shown shown;
    private final BooleanSupplier member;
    private Optional<SshCertificate> certificate = Optional.empty();
    private boolean asked;

    /** {@code member} says whether the client's software is that of members of the mesh; asked once, when that is known. */
    public OwnHostKeys(Party.Shown shown, BooleanSupplier member) {
        this.shown = shown;
        this.member = member;
    }

    private Optional<SshCertificate> certificate() {
        if (!asked) {
            asked = true;
            certificate =
                    member.getAsBoolean() ? Optional.of(shown.member().get().host()) : shown.hostCertificate();
        }
        return certificate;
    }

    @Override
    public List<String> algorithms() {
        return certificate().isPresent() ? List.of(CERTIFIED, PLAIN) : List.of(PLAIN);
    }

    @Override
    public byte[] blob(String algorithm) {
        return algorithm.equals(CERTIFIED)
                ? certificate().orElseThrow().blob()
                : shown.hostKey().publicKey().blob();
    }

    @Override
    public byte[] sign(String algorithm, byte[] data) {
        try {
            return shown.hostKey().sign(PLAIN, data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
