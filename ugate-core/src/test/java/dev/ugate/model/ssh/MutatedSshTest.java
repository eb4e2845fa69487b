package dev.ugate.model.ssh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.testing.SshVectors;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whatever peers and files say, the answer is a value or an {@link IllegalArgumentException}, and nobody's signature is forged. */
final class MutatedSshTest {
    private final Random random = new Random(73);

    @Test
    void encodingsThatAreChanged() {
        List<byte[]> seeds = List.of(
                SshVectors.key("ed25519").blob(),
                SshVectors.key("p521").blob(),
                SshVectors.key("rsa").blob(),
                SshVectors.certificate("command").blob(),
                SshVectors.certificate("host").blob(),
                SshVectors.certificate("rsa").blob());
        int refused = 0;
        for (byte[] seed : seeds) {
            for (int i = 0; i < 1500; i++) {
                byte[] blob = changed(seed);
                refused += refuses(() -> SshKey.parse(blob))
                        + refuses(() -> SshSignature.parse(blob))
                        + refuses(() -> certificate(blob, seed));
            }
        }
        assertThat(refused).isGreaterThan(seeds.size() * 2500);
    }

    private static void certificate(byte[] blob, byte[] seed) {
        SshCertificate certificate = SshCertificate.parse(blob);
        try {
            certificate.check(certificate.terms().kind(), Instant.parse("2026-01-15T00:00:00Z"), Duration.ZERO);
            assertThat(blob).as("forged").isEqualTo(seed);
        } catch (CertificateException right) {
            assertThat(right.getMessage()).isNotBlank();
        }
        assertThat(certificate.terms().kind()).isIn((Object[]) Kind.values());
    }

    private static int refuses(Runnable reading) {
        try {
            reading.run();
            return 0;
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return 1;
        }
    }

    @Test
    void filesThatAreChanged() {
        String keys =
                "restrict,port-forwarding,permitopen=\"a:1\",from=\"10.0.0.0/8,!10.1.1.1\",expiry-time=\"20300101Z\" "
                        + SshVectors.key("ed25519").text() + " x\ncert-authority,principals=\"a,b\" "
                        + SshVectors.key("ca").text() + "\n";
        String hosts = SshVectors.text("known_hosts-hashed") + "@cert-authority *.a,!b.a "
                + SshVectors.key("ca").text() + "\n@revoked * "
                + SshVectors.key("other").text();
        everyMutant(keys, text -> {
            AuthorizedKeys read = AuthorizedKeys.parse(text);
            assertThat(read.entries().size() + read.problems().size()).isPositive();
        });
        everyMutant(hosts, text -> assertThat(KnownHosts.parse(text).problems()).isNotNull());
    }

    private void everyMutant(String seed, Consumer<String> reader) {
        String pieces = "\",=*!@|:[] \t#/\\\u0000ä";
        for (int i = 0; i < 3000; i++) {
            StringBuilder text = new StringBuilder(seed);
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                int at = random.nextInt(text.length());
                char piece = pieces.charAt(random.nextInt(pieces.length()));
                if (random.nextBoolean()) {
                    text.setCharAt(at, piece);
                } else {
                    text.insert(at, piece);
                }
            }
            reader.accept(text.toString());
        }
    }

    private byte[] changed(byte[] seed) {
        byte[] blob = seed.clone();
        switch (random.nextInt(4)) {
            case 0 -> blob = Arrays.copyOf(blob, random.nextInt(blob.length));
            case 1 -> blob = Arrays.copyOf(blob, blob.length + 1 + random.nextInt(8));
            case 2 -> blob[random.nextInt(blob.length)] = (byte) random.nextInt();
            default -> {
                int at = random.nextInt(blob.length - 4);
                Arrays.fill(blob, at, at + 4, (byte) (random.nextBoolean() ? 0xFF : 0));
            }
        }
        return blob;
    }
}
