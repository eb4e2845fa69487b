package dev.ugate.config.ssh;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The section {@code ssh}: who may log in, whom this node believes, and what it shows.
 *
 * @param authorizedKeys files as sshd reads them
 * @param ownKeys whether those of whoever runs this process log in from this machine
 * @param userCa authorities whose user certificates log in
 * @param revokedKeys a file of keys and fingerprints that are taken no more
 * @param shown the keys of this node
 * @param knownHosts files as ssh reads them
 * @param offers what those who logged in may have of this machine
 * @param keyExchange the methods of the key exchange in the order of preference; empty for all that there are
 */
public record SshConfig(
        List<Path> authorizedKeys,
        boolean ownKeys,
        List<UserCa> userCa,
        Optional<Path> revokedKeys,
        Shown shown,
        List<Path> knownHosts,
        SshOffers offers,
        List<String> keyExchange) {
    public static final SshConfig STANDARD = new SshConfig(
            List.of(), true, List.of(), Optional.empty(), Shown.STANDARD, List.of(), SshOffers.NOTHING, List.of());

    /**
     * Authorities of user certificates.
     *
     * @param file their public keys, one a line
     * @param domains whose SPIFFE ids they may speak for; none where it is empty
     */
    public record UserCa(Path file, Set<String> domains) {
        public UserCa {
            domains = Set.copyOf(domains);
        }
    }

    /**
     * What this node shows.
     *
     * @param hostKey instead of its own
     * @param hostCertificate of its host key, for clients that are no members of the mesh
     * @param identity the key it shows to servers that are no members of the mesh, instead of its own
     */
    public record Shown(Optional<Path> hostKey, Optional<Path> hostCertificate, Optional<Path> identity) {
        static final Shown STANDARD = new Shown(Optional.empty(), Optional.empty(), Optional.empty());
    }

    public SshConfig {
        authorizedKeys = List.copyOf(authorizedKeys);
        userCa = List.copyOf(userCa);
        knownHosts = List.copyOf(knownHosts);
        keyExchange = List.copyOf(keyExchange);
    }

    /** Every file that is read again when it changes. */
    public List<Path> files() {
        List<Path> files = new ArrayList<>(authorizedKeys);
        userCa.forEach(one -> files.add(one.file()));
        revokedKeys.ifPresent(files::add);
        shown.hostKey.ifPresent(files::add);
        shown.hostCertificate.ifPresent(files::add);
        shown.identity.ifPresent(files::add);
        files.addAll(knownHosts);
        return files;
    }
}
