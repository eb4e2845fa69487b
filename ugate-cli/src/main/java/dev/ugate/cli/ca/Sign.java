package dev.ugate.cli.ca;

import dev.ugate.config.Durations;
import dev.ugate.identity.Authority;
import dev.ugate.identity.Csr;
import dev.ugate.model.x509.PemText;
import dev.ugate.model.x509.SpiffeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Issues one certificate to the holder of a request. */
@Command(
        name = "sign",
        description = "issues a certificate to the holder of a request",
        mixinStandardHelpOptions = true)
final class Sign implements Callable<Integer> {
    private static final int LONGEST = 64 << 10;

    @Mixin
    Place place = new Place();

    @Parameters(
            index = "1",
            paramLabel = "CSR",
            description = "a request as ugate id --csr prints it; - for standard input")
    String request = "";

    @Option(
            names = "--id",
            paramLabel = "ID",
            required = true,
            description = "spiffe://domain/path",
            converter = Ids.class)
    @Nullable
    SpiffeId id;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "life of the certificate, 10s to 90d; default 24h",
            defaultValue = "24h",
            converter = Lives.class)
    Duration life = Duration.ZERO;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "writes node.pem and root.pem there, and node.pem again at each renewal; default standard output")
    @Nullable
    Path out;

    @Override
    public Integer call() throws IOException {
        Authority authority = place.open();
        SpiffeId asked = java.util.Objects.requireNonNull(id);
        X509Certificate leaf;
        if (out != null) {
            Files.createDirectories(out);
        }
        try {
            leaf = authority.issue(Csr.parse(text()).key(), asked, life, file());
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        if (out == null) {
            System.out.print(PemText.text(List.of(leaf)));
        } else {
            Path root = place.directory.resolve("root.pem");
            Files.copy(root, out.resolve("root.pem"), StandardCopyOption.REPLACE_EXISTING);
        }
        System.err.println(
                "ugate: issued " + asked + " until " + leaf.getNotAfter().toInstant() + ", serial "
                        + leaf.getSerialNumber().toString(16));
        return 0;
    }

    /** Absolute, so that renewal finds it from anywhere. */
    private Optional<Path> file() {
        return Optional.ofNullable(out)
                .map(folder -> folder.toAbsolutePath().normalize().resolve("node.pem"));
    }

    private String text() throws IOException {
        if (request.equals("-")) {
            return PemText.text(System.in.readNBytes(LONGEST));
        }
        try (var in = Files.newInputStream(Path.of(request))) {
            return PemText.text(in.readNBytes(LONGEST));
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("file " + request + ": no such file: expected a request", e);
        }
    }

    /** Reads {@code --id}. */
    static final class Ids implements ITypeConverter<SpiffeId> {
        @Override
        public SpiffeId convert(String text) {
            try {
                return new SpiffeId(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** Reads {@code --for}. */
    static final class Lives implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return Durations.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
