package dev.ugate.protocols.ssh.auth;

import dev.ugate.identity.SshCredential;
import dev.ugate.model.ssh.KnownHosts;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.net.tls.MeshVerifier;
import dev.ugate.protocols.ssh.kex.Algorithms;
import io.netty.channel.Channel;
import java.util.Optional;
import java.util.function.Supplier;

/** This process as one end of SSH; asked anew for each connection, on its loop. */
public interface Party {
    /** Whose keys log in. */
    Keyring keyring();

    /** Which keys hosts have. */
    KnownHosts knownHosts();

    /** Whom members of the mesh are. */
    MeshVerifier verifier();

    /** What key exchanges may be made of. */
    default Algorithms algorithms() {
        return Algorithms.STANDARD;
    }

    /** What is shown under the identity of a workload, empty for the node's own; throws {@link dev.ugate.model.Refused} INTERNAL without one. */
    Shown shown(Optional<String> workload);

    /** Somebody logged in; the connection ends when what was proven counts no more. */
    void met(Channel connection, Login login);

    /** This process logged in to a host; the connection ends when what that showed is revoked. */
    void met(Channel connection, Host host);

    /**
     * The keys of one end.
     *
     * @param hostKey of the server
     * @param hostCertificate of the host key, for clients that are no members of the mesh
     * @param member what members of the mesh are shown, in both roles; made when one is met
     * @param identity what a client shows to servers that are no members of the mesh
     */
    record Shown(
            SshPrivateKey hostKey,
            Optional<SshCertificate> hostCertificate,
            Supplier<SshCredential> member,
            SshPrivateKey identity) {}
}
