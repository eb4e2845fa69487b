package dev.ugate.config.ssh;

import static dev.ugate.config.yaml.Kind.key;
import static dev.ugate.config.yaml.Kind.mapping;

import dev.ugate.config.mesh.MeshKeys;
import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Either;
import dev.ugate.config.yaml.Kind.Mapping;
import dev.ugate.config.yaml.Kind.OneOrMany;
import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import java.util.List;
import java.util.Map;

/**
 * The keys of the section {@code ssh}.
 *
 * @param path form of a file name
 */
public record SshKeys(Kind path, Kind flag) {
    /** The methods of the key exchange that there are, in the order of preference. */
    public static final List<String> METHODS = List.of(
            "mlkem768x25519-sha256",
            "sntrup761x25519-sha512",
            "sntrup761x25519-sha512@openssh.com",
            "curve25519-sha256",
            "curve25519-sha256@libssh.org");

    /** The word of a session that runs what the key says, and nothing else. */
    static final String FORCED = "forced";

    private static final Kind SESSION = Kind.words(List.of("none", FORCED), Map.of());
    private static final Kind SOCKETS = Kind.string("an absolute path, * in names", "^/", PathPattern::new);
    private static final Kind NAME =
            Kind.string("a host name", "^[A-Za-z0-9._-]+$", text -> new HostPort(text, 0).host());
    private static final Kind PEER = Kind.string(
            "*, identified, local, unix, a cidr, spiffe://…, ssh:SHA256:…, key:… or user:NAME",
            "",
            Peer.Pattern::parse);
    private static final Kind WORD = Kind.string("text without control characters", "", SshKeys::word);

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
                key(
                        "keyExchange",
                        new OneOrMany(Kind.words(METHODS, Map.of())),
                        "methods in the order of preference; default all of them"),
                key("sockets", sockets(), "Unix sockets for those who logged in; default none"),
                key(
                        "session",
                        new OneOrMany(new Either(SESSION, command())),
                        "what a session runs: none tells who you are, forced what the key says; default none"));
    }

    private static Mapping sockets() {
        return mapping(
                key("open", new OneOrMany(new Either(SOCKETS, named())), "those that may be reached"),
                key("listen", new OneOrMany(new Either(SOCKETS, named())), "where they may be listened on"));
    }

    private static Mapping named() {
        return mapping(
                key("path", SOCKETS, "absolute; * and ? stand for characters of one name")
                        .asRequired(),
                key("name", NAME, "host that policy knows them by; default " + SshOffers.Sockets.UNNAMED));
    }

    private static Mapping command() {
        return mapping(
                key("from", PEER, "whose sessions; default *"),
                key("command", new OneOrMany(WORD), "program and arguments; no shell reads them")
                        .asRequired(),
                key("sftp", new OneOrMany(WORD), "the same for sftp; default none"));
    }

    private static String word(String text) {
        if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("word: expected one character or more, and no control characters");
        }
        return text;
    }

    private Mapping userCa() {
        return mapping(
                key("file", path, "their public keys, one a line").asRequired(),
                key("domains", new OneOrMany(MeshKeys.DOMAIN), "trust domains whose SPIFFE ids they may speak for"));
    }
}
