package dev.ugate.app.ssh;

import dev.ugate.config.ssh.SshConfig;
import dev.ugate.model.ssh.AuthorizedKeys;
import dev.ugate.model.ssh.KeyType;
import dev.ugate.model.ssh.KnownHosts;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.protocols.ssh.auth.Keyring;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the files of the section {@code ssh} say.
 *
 * @param hostKey empty for the node's own
 * @param identity empty for the node's own
 * @param problems of lines that are left out
 */
record SshFiles(
        Keyring.Keys keys,
        KnownHosts hosts,
        Optional<SshPrivateKey> hostKey,
        Optional<SshCertificate> hostCertificate,
        Optional<SshPrivateKey> identity,
        List<String> problems) {
    private static final String FINGERPRINT = "SHA256:[A-Za-z0-9+/]{43}";

    /** Reads them; throws {@link IOException} that names the file that cannot be used. {@code home} is that of who runs this process. */
    static SshFiles read(SshConfig config, Path home) throws IOException {
        List<String> problems = new ArrayList<>();
        Keyring.Keys keys = new Keyring.Keys(
                authorized(config, problems),
                config.ownKeys() ? own(ownFile(home), problems) : List.of(),
                System.getProperty("user.name", ""),
                authorities(config),
                revoked(config));
        Optional<SshPrivateKey> hostKey = secret(config.shown().hostKey());
        if (hostKey.isPresent() && hostKey.get().publicKey().type() != KeyType.ED25519) {
            throw new IOException("file " + config.shown().hostKey().get() + ": "
                    + hostKey.get().publicKey().type().word() + ": expected an Ed25519 key");
        }
        return new SshFiles(
                keys,
                hosts(config, problems),
                hostKey,
                hostCertificate(config),
                secret(config.shown().identity()),
                List.copyOf(problems));
    }

    /** Where the keys of a user are. */
    static Path ownFile(Path home) {
        return home.resolve(".ssh").resolve("authorized_keys");
    }

    private static List<AuthorizedKeys.Entry> authorized(SshConfig config, List<String> problems) throws IOException {
        List<AuthorizedKeys.Entry> entries = new ArrayList<>();
        for (Path file : config.authorizedKeys()) {
            entries.addAll(entries(file, TrustedFile.text(file), problems));
        }
        return entries;
    }

    private static List<AuthorizedKeys.Entry> entries(Path file, String text, List<String> problems) {
        AuthorizedKeys read = AuthorizedKeys.parse(text);
        read.problems().forEach(problem -> problems.add("file " + file + ": " + problem));
        return read.entries();
    }

    /** Nobody asked for it: what is wrong with it keeps nothing from beginning. */
    private static List<AuthorizedKeys.Entry> own(Path file, List<String> problems) {
        try {
            return TrustedFile.inHome(file)
                    .map(text -> entries(file, text, problems))
                    .orElse(List.of());
        } catch (IOException e) {
            problems.add(String.valueOf(e.getMessage()));
            return List.of();
        }
    }

    private static Map<SshKey, Set<String>> authorities(SshConfig config) throws IOException {
        Map<SshKey, Set<String>> authorities = new HashMap<>();
        for (SshConfig.UserCa one : config.userCa()) {
            List<String> lines = lines(TrustedFile.text(one.file()));
            if (lines.isEmpty()) {
                throw new IOException("file " + one.file() + ": empty: expected public keys, one a line");
            }
            for (String line : lines) {
                authorities
                        .computeIfAbsent(key(one.file(), line), key -> new HashSet<>())
                        .addAll(one.domains());
            }
        }
        return authorities;
    }

    private static SshKey key(Path file, String line) throws IOException {
        try {
            return SshKey.parse(line);
        } catch (IllegalArgumentException e) {
            throw new IOException("file " + file + ": no public key: " + e.getMessage(), e);
        }
    }

    private static Set<String> revoked(SshConfig config) throws IOException {
        Set<String> revoked = new HashSet<>();
        if (config.revokedKeys().isPresent()) {
            Path file = config.revokedKeys().get();
            for (String line : lines(TrustedFile.text(file))) {
                revoked.add(line.matches(FINGERPRINT) ? line : key(file, line).fingerprint());
            }
        }
        return revoked;
    }

    private static List<String> lines(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && line.charAt(0) != '#')
                .toList();
    }

    private static KnownHosts hosts(SshConfig config, List<String> problems) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : config.knownHosts()) {
            String text = TrustedFile.text(file);
            KnownHosts.parse(text).problems().forEach(problem -> problems.add("file " + file + ": " + problem));
            all.append(text).append('\n');
        }
        return KnownHosts.parse(all.toString());
    }

    private static Optional<SshCertificate> hostCertificate(SshConfig config) throws IOException {
        Optional<Path> file = config.shown().hostCertificate();
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            SshCertificate certificate = SshCertificate.parse(TrustedFile.text(file.get()));
            if (certificate.terms().kind() != Kind.HOST) {
                throw new IllegalArgumentException("certificate of a user: expected one of a host");
            }
            return Optional.of(certificate);
        } catch (IllegalArgumentException e) {
            throw new IOException("file " + file.get() + ": " + e.getMessage(), e);
        }
    }

    private static Optional<SshPrivateKey> secret(Optional<Path> file) throws IOException {
        return file.isEmpty() ? Optional.empty() : Optional.of(SecretFile.key(file.get()));
    }
}
