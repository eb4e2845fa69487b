package dev.ugate.identity;

import dev.ugate.model.Cidr;
import dev.ugate.model.ssh.Principals;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshCertificate.Terms;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.model.ssh.SshWriter;
import dev.ugate.model.ssh.krl.RevocationList;
import dev.ugate.model.x509.SpiffeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The issuer of SSH certificates of one trust domain, in the directory of its {@link Authority}: {@code ssh.key} or {@code ssh.sealed}, its public key as
 * {@code ssh_ca.pub} for sshd, and a line in {@code ssh-issued.log} for each certificate. One process at a time; blocks.
 */
public final class SshAuthority {
    private static final String PUBLIC = "ssh_ca.pub";
    static final String LOG = "ssh-issued.log";
    private static final Duration LEAST = Duration.ofSeconds(10);
    private static final Duration MOST = Duration.ofDays(90);
    private static final int NONCE = 32;

    private final Path directory;
    private final String domain;
    private final SshPrivateKey key;
    private final Clock clock;

    /**
     * What somebody asks to have certified.
     *
     * @param options of {@code ssh-keygen -O}: force-command=…, source-address=…, verify-required, no-port-forwarding, no-touch-required
     */
    public record Request(SshKey key, Kind kind, List<String> principals, Duration life, List<String> options) {
        public Request {
            principals = List.copyOf(principals);
            options = List.copyOf(options);
        }
    }

    private SshAuthority(Path directory, String domain, SshPrivateKey key, Clock clock) {
        this.directory = directory;
        this.domain = domain;
        this.key = key;
        this.clock = clock;
    }

    /** Opens that of an authority; its key is made when there is none. Throws {@link IOException} that says what is wrong with it. */
    public static SshAuthority open(Path directory, Optional<Seal> seal, Clock clock) throws IOException {
        String domain = Authority.open(directory, seal, clock).domain();
        FileKeyStore keys = new FileKeyStore(directory, "ca", seal);
        boolean known = keys.hasSsh();
        SshAuthority authority = new SshAuthority(directory, domain, keys.ssh().pair(), clock);
        if (!known) {
            PrivateFile.replace(
                    authority.publicFile(), (authority.publicText() + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        return authority;
    }

    /** Where the public key is, for {@code TrustedUserCAKeys} of sshd and {@code ssh.userCa}. */
    public Path publicFile() {
        return directory.resolve(PUBLIC);
    }

    /** The line of a public key. */
    public String publicText() {
        return key.publicKey().text() + " ssh-ca@" + domain;
    }

    /** Signs, from now on. Throws {@link IllegalArgumentException} for what this authority does not say of anybody. */
    public SshCertificate issue(Request request) throws IOException {
        if (request.life.compareTo(LEAST) < 0 || request.life.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    "life " + request.life.toString().substring(2).toLowerCase(java.util.Locale.ROOT)
                            + ": expected 10s to 90d");
        }
        checkPrincipals(request.principals);
        Instant now = clock.instant();
        Terms terms = terms(request, now, now.plus(request.life));
        byte[] nonce = new byte[NONCE];
        new SecureRandom().nextBytes(nonce);
        try {
            SshCertificate certificate = SshCertificate.issue(request.key, terms, key, nonce);
            PrivateFile.append(directory.resolve(LOG), line(certificate, now).getBytes(StandardCharsets.UTF_8));
            return certificate;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * What the {@link Register} of this authority took back, as stock sshd knows it: keys, and certificates that are not over, by their number
     * and by whom they prove. Who is issued one afterwards is not in it.
     */
    public RevocationList revoked() throws IOException {
        Revocations over = new Register(directory).revocations();
        Set<Long> serials = new HashSet<>();
        for (String line : Register.lines(directory.resolve(LOG))) {
            String[] columns = line.split("\t", -1);
            long serial = Long.parseUnsignedLong(columns[1]);
            boolean lives = clock.instant().isBefore(Instant.parse(columns[4]));
            if (lives && (over.revoked(serial) || isAnyRevoked(over, List.of(columns[5].split(","))))) {
                serials.add(serial);
            }
        }
        return new RevocationList(key.publicKey(), serials, over.fingerprints(), clock.instant());
    }

    private boolean isAnyRevoked(Revocations over, List<String> principals) {
        return principals.stream()
                .flatMap(principal -> Principals.identity(principal, Set.of(domain)).stream())
                .anyMatch(over::revoked);
    }

    private void checkPrincipals(List<String> principals) {
        if (principals.isEmpty()) {
            throw new IllegalArgumentException("principals: none: expected one: a certificate for nobody is refused");
        }
        for (String principal : principals) {
            boolean id = principal.startsWith(SpiffeId.SCHEME);
            if (id ? !new SpiffeId(principal).domain().equals(domain) : !principal.matches("[!-+\\--~]{1,253}")) {
                throw new IllegalArgumentException("principal '" + principal + "': expected "
                        + (id ? "one of spiffe://" + domain + "/" : "visible ASCII without commas"));
            }
        }
    }

    private static Terms terms(Request request, Instant now, Instant end) {
        SortedMap<String, byte[]> critical = new TreeMap<>();
        SortedMap<String, byte[]> extensions = new TreeMap<>();
        if (request.kind == Kind.USER) {
            Options.read(request.options, critical, extensions);
        } else if (!request.options.isEmpty()) {
            throw new IllegalArgumentException("option " + request.options.get(0) + ": of a host: expected none");
        }
        return new Terms(
                new SecureRandom().nextLong() >>> 1,
                request.kind,
                request.principals.get(0),
                request.principals,
                now.minus(Credential.BACK).getEpochSecond(),
                end.getEpochSecond(),
                critical,
                extensions);
    }

    private static String line(SshCertificate certificate, Instant now) {
        Terms terms = certificate.terms();
        return String.join(
                        "\t",
                        now.toString(),
                        Long.toUnsignedString(terms.serial()),
                        terms.kind().name().toLowerCase(java.util.Locale.ROOT),
                        certificate.key().fingerprint(),
                        certificate.until().toString(),
                        String.join(",", terms.principals()))
                + "\n";
    }

    /** What {@code ssh-keygen -O} calls options, as user certificates hold them. */
    private static final class Options {
        private static final byte[] NOTHING = new byte[0];

        /** What ssh-keygen permits unless told otherwise. */
        private static final List<String> USUAL =
                List.of("X11-forwarding", "agent-forwarding", "port-forwarding", "pty", "user-rc");

        private Options() {}

        /** Adds to both what the options say; throws {@link IllegalArgumentException} for one that is not known. */
        static void read(List<String> options, Map<String, byte[]> critical, Map<String, byte[]> extensions) {
            USUAL.forEach(each -> extensions.put("permit-" + each, NOTHING));
            for (String option : options) {
                int equals = option.indexOf('=');
                String name = equals < 0 ? option : option.substring(0, equals);
                String value = option.substring(equals + 1);
                if (equals > 0 && (name.equals("force-command") || name.equals("source-address"))) {
                    if (name.equals("source-address")) {
                        List.of(value.split(",", -1)).forEach(Cidr::parse);
                    }
                    critical.put(name, new SshWriter().string(value).bytes());
                } else if (option.equals("clear")) {
                    extensions.clear();
                } else if (option.equals("verify-required")) {
                    critical.put(option, NOTHING);
                } else if (option.equals("no-touch-required")) {
                    extensions.put(option, NOTHING);
                } else if (option.startsWith("no-") && USUAL.contains(option.substring(3))) {
                    extensions.remove("permit-" + option.substring(3));
                } else if (option.startsWith("permit-") && USUAL.contains(option.substring(7))) {
                    extensions.put(option, NOTHING);
                } else {
                    throw new IllegalArgumentException("option " + option
                            + ": expected force-command=…, source-address=…, verify-required, no-touch-required, clear,"
                            + " permit-… or no-… of ssh-keygen");
                }
            }
        }
    }
}
