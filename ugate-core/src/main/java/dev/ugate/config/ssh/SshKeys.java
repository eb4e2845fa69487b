package dev.ugate.config.ssh;

import static dev.ugate.config.yaml.Kind.key;
import static dev.ugate.config.yaml.Kind.mapping;

import dev.ugate.config.mesh.MeshKeys;
import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Either;
import dev.ugate.config.yaml.Kind.Mapping;
import dev.ugate.config.yaml.Kind.OneOrMany;
import java.util.List;
import java.util.Map;

/**
 * The keys of the section {@code ssh}.
 *
 * @param path form of a file name
 */
public record SshKeys(Kind path, Kind flag) {
    private static final Kind SESSION = Kind.words(List.of("none"), Map.of());

    public Mapping ssh() {
        return mapping(
                key("authorizedKeys", new OneOrMany(path), "files of keys that log in, as sshd reads them"),
                key(
                        "ownKeys",
                        flag,
                        "whether ~/.ssh/authorized_keys of who runs ugate logs in from this machine;"
                                + " default true without authorizedKeys and userCa"),
                key("userCa", new OneOrMany(new Either(path, userCa())), "authorities whose user certificates log in"),
                key("revokedKeys", path, "file of public keys and SHA256: fingerprints that are taken no more"),
                key("hostKey", path, "Ed25519 private key of OpenSSH or PKCS#8, mode 0600; default the node's own"),
                key("hostCertificate", path, "certificate of the host key, for clients outside of the mesh"),
                key("identity", path, "private key shown to servers outside of the mesh; default the node's own"),
                key("knownHosts", new OneOrMany(path), "files of hosts and their keys, as ssh reads them"),
                key("session", SESSION, "what a session runs: nothing; it tells who you are"));
    }

    private Mapping userCa() {
        return mapping(
                key("file", path, "their public keys, one a line").asRequired(),
                key("domains", new OneOrMany(MeshKeys.DOMAIN), "trust domains whose SPIFFE ids they may speak for"));
    }
}
