package dev.ugate.cli.ca;

import dev.ugate.identity.SshAuthority;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.krl.RevocationList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Issues an SSH certificate to the holder of a key, prints the authority's own key, or writes what was revoked. */
@Command(
        name = "ssh",
        description = "issues an SSH certificate for a public key; without one prints the authority's own key",
        mixinStandardHelpOptions = true)
final class Ssh implements Callable<Integer> {
    private static final int LONGEST = 64 << 10;

    @Mixin
    Place place = new Place();

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "KEY",
            description = "a public key such as id_ed25519.pub; - for standard input")
    @Nullable
    String key;

    @Option(
            names = "--principal",
            paramLabel = "NAME",
            split = ",",
            description = "user, SA@NS.DOMAIN or spiffe://…; of a host its names; several with commas or again")
    List<String> principals = List.of();

    @Option(names = "--host", description = "certifies the key of a host; default that of a user")
    boolean host;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "life of the certificate, 10s to 90d; default 8h",
            defaultValue = "8h",
            converter = Sign.Lives.class)
    Duration life = Duration.ZERO;

    @Option(
            names = "--option",
            paramLabel = "OPTION",
            description = "as ssh-keygen -O: force-command=…, source-address=…, verify-required, no-port-forwarding, …")
    List<String> options = List.of();

    @Option(names = "--out", paramLabel = "FILE", description = "where to; default standard output")
    @Nullable
    Path out;

    @Option(
            names = "--krl",
            paramLabel = "FILE",
            description = "writes what was revoked so far there, for RevokedKeys of sshd; takes no KEY")
    @Nullable
    Path krl;

    @Override
    public Integer call() throws IOException {
        SshAuthority authority = SshAuthority.open(place.directory, place.seal(), Clock.systemUTC());
        if (krl != null) {
            return list(authority, krl);
        }
        if (key == null) {
            System.out.println(authority.publicText());
            System.err.println("ugate: for ssh.userCa, for TrustedUserCAKeys of sshd, and behind @cert-authority *"
                    + " in known_hosts: " + authority.publicFile());
            return 0;
        }
        SshCertificate certificate;
        try {
            Kind kind = host ? Kind.HOST : Kind.USER;
            certificate =
                    authority.issue(new SshAuthority.Request(SshKey.parse(text(key)), kind, principals, life, options));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        String line = certificate.text() + " " + principals.get(0) + "\n";
        if (out == null) {
            System.out.print(line);
        } else {
            Files.writeString(out, line);
        }
        System.err.println("ugate: issued " + String.join(",", principals) + " until " + certificate.until()
                + ", ssh-serial:" + Long.toUnsignedString(certificate.terms().serial()));
        return 0;
    }

    /** sshd reads it at each login: it is there whole, or as it was. */
    private int list(SshAuthority authority, Path file) throws IOException {
        if (key != null) {
            throw new IOException("--krl: expected no KEY");
        }
        RevocationList list = authority.revoked();
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.write(next, list.bytes());
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        System.err.println("ugate: revoked " + list.serials().size() + " certificates and "
                + list.fingerprints().size() + " keys, for RevokedKeys of sshd: " + file);
        return 0;
    }

    private static String text(String name) throws IOException {
        if (name.equals("-")) {
            return new String(System.in.readNBytes(LONGEST), StandardCharsets.UTF_8);
        }
        try (var in = Files.newInputStream(Path.of(name))) {
            return new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new IOException("file " + name + ": no such file: expected a public key", e);
        }
    }
}
