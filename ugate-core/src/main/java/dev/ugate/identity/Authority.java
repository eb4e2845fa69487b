package dev.ugate.identity;

import dev.ugate.model.x509.AlternativeNames;
import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.SpiffeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import javax.security.auth.x500.X500Principal;

/**
 * The issuer of one trust domain, kept in a directory: {@code root.pem}, its key as {@link FileKeyStore} keeps it, and the
 * {@link Register} of what it issued. One process at a time; blocks.
 */
public final class Authority {
    private static final String ROOT = "root.pem";
    private static final String KEY = "ca";
    private static final Duration ROOT_LIFE = Duration.ofDays(3650);

    /** Less is over before it is used. */
    private static final Duration LEAST = Duration.ofSeconds(10);

    private static final Duration MOST = Duration.ofDays(90);

    private final String domain;
    private final X509Certificate root;
    private final NodeKey key;
    private final Register register;
    private final Clock clock;

    private Authority(String domain, X509Certificate root, NodeKey key, Path directory, Clock clock) {
        this.domain = domain;
        this.root = root;
        this.key = key;
        this.register = new Register(directory);
        this.clock = clock;
    }

    /** Makes an authority; throws {@link IOException} where there is one already. */
    public static Authority create(Path directory, String domain, Optional<Seal> seal, Clock clock) throws IOException {
        if (!SpiffeId.isDomain(domain)) {
            throw new IllegalArgumentException(
                    "trust domain '" + domain + "': expected lower case letters, digits, '.', '_' or '-'");
        }
        Path file = directory.resolve(ROOT);
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("authority " + directory + ": exists: expected an empty directory");
        }
        PrivateFile.directory(directory);
        NodeKey key = new FileKeyStore(directory, KEY, seal).key();
        Instant now = clock.instant();
        var name = new X500Principal("O=" + domain + ", CN=" + key.id());
        X509Certificate root = new Draft(
                        key.publicKey(),
                        name,
                        now.minus(Credential.BACK),
                        now.plus(ROOT_LIFE),
                        Draft.Kind.AUTHORITY,
                        List.of(SpiffeId.SCHEME + domain))
                .signed(name, key);
        PrivateFile.replace(file, bytes(root));
        return new Authority(domain, root, key, directory, clock);
    }

    /** Opens an authority; throws {@link IOException} that says what is wrong with it. */
    public static Authority open(Path directory, Optional<Seal> seal, Clock clock) throws IOException {
        Path file = directory.resolve(ROOT);
        X509Certificate root;
        String domain;
        try {
            root = PemText.certificates(PemText.text(Files.readAllBytes(file))).get(0);
            domain = domain(root);
        } catch (NoSuchFileException none) {
            throw new IOException("authority " + directory + ": no " + ROOT + ": expected ugate ca init", none);
        } catch (IllegalArgumentException e) {
            throw new IOException("file " + file + ": " + e.getMessage(), e);
        }
        NodeKey key = new FileKeyStore(directory, KEY, seal).key();
        if (!key.publicKey().equals(root.getPublicKey())) {
            throw new IOException("authority " + directory + ": its key is not that of " + ROOT + ": expected a pair");
        }
        return new Authority(domain, root, key, directory, clock);
    }

    private static String domain(X509Certificate root) {
        try {
            return AlternativeNames.of(root).uris().stream()
                    .filter(uri -> uri.startsWith(SpiffeId.SCHEME))
                    .map(uri -> uri.substring(SpiffeId.SCHEME.length()))
                    .findFirst()
                    .orElseThrow(
                            () -> new IllegalArgumentException("root without a trust domain: expected spiffe://…"));
        } catch (CertificateException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    public String domain() {
        return domain;
    }

    public X509Certificate root() {
        return root;
    }

    public Register register() {
        return register;
    }

    /**
     * Issues to the holder of a key, and writes it to {@code out}: id, purposes and times are the authority's own. Throws {@link IllegalArgumentException} for an id of
     * another trust domain, for who is revoked, and a life that is too short or too long.
     */
    public X509Certificate issue(PublicKey to, SpiffeId id, Duration life, Optional<Path> out) throws IOException {
        if (!id.domain().equals(domain)) {
            throw new IllegalArgumentException("id " + id + ": expected one of spiffe://" + domain + "/");
        }
        if (life.compareTo(LEAST) < 0 || life.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "life " + life.toString().substring(2).toLowerCase(Locale.ROOT) + ": expected 10s to 90d");
        }
        Instant now = clock.instant();
        Instant end = now.plus(life);
        if (end.isAfter(root.getNotAfter().toInstant())) {
            throw new IllegalArgumentException(
                    "root ends at " + root.getNotAfter().toInstant() + ": expected a new authority");
        }
        X500Principal nobody = new X500Principal("");
        X509Certificate leaf = new Draft(
                        to, nobody, now.minus(Credential.BACK), end, Draft.Kind.END, List.of(id.text()))
                .signed(root.getSubjectX500Principal(), key);
        if (register.revocations().revoked(List.of(leaf))) {
            throw new IllegalArgumentException("id " + id
                    + ": it or its key is revoked: expected another one, or its line taken out of revoked.txt");
        }
        register.add(new Register.Entry(now, id.text(), leaf, out));
        if (out.isPresent()) {
            PrivateFile.replace(out.get(), bytes(leaf));
        }
        return leaf;
    }

    /**
     * Issues again what is past half of its life, to the same holders, into the same files; {@code failed} is told of those that could
     * not be written, which are tried again the next time.
     */
    public List<Register.Entry> renew(Consumer<IOException> failed) throws IOException {
        List<Register.Entry> renewed = new ArrayList<>();
        for (Register.Entry entry : register.current()) {
            if (entry.isDue(clock.instant())) {
                try {
                    demandPlace(entry);
                    issue(
                            entry.key(),
                            new SpiffeId(entry.id()),
                            Duration.between(entry.at(), entry.until()),
                            entry.out());
                    renewed.add(entry);
                } catch (IOException e) {
                    failed.accept(e);
                }
            }
        }
        return renewed;
    }

    /** What is issued counts as renewed, so it must not be issued where it cannot be written. */
    private static void demandPlace(Register.Entry entry) throws IOException {
        if (entry.out().isPresent()) {
            Path directory = entry.out().get().toAbsolutePath().getParent();
            if (directory == null || !Files.isDirectory(directory) || !Files.isWritable(directory)) {
                throw new IOException("file " + entry.out().get() + ": cannot be written: expected a place for the next"
                        + " certificate of " + entry.id());
            }
        }
    }

    private static byte[] bytes(X509Certificate one) {
        return PemText.text(List.of(one)).getBytes(StandardCharsets.US_ASCII);
    }
}
