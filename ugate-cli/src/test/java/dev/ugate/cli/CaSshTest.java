package dev.ugate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.testing.SshVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ugate ca ssh}: certificates of users and hosts. */
final class CaSshTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void authority() throws IOException {
        assertThat(Said.by("ca", "init", ca()).code()).isZero();
        Files.writeString(folder.resolve("id.pub"), SshVectors.text("ed25519.pub"));
    }

    private String ca() {
        return folder.resolve("ca").toString();
    }

    private Said ssh(String... arguments) {
        List<String> all = new ArrayList<>(List.of("ca", "ssh", ca()));
        for (String argument : arguments) {
            all.add(argument.replace("ID", folder.resolve("id.pub").toString()));
        }
        return Said.by(all.toArray(String[]::new));
    }

    @Test
    void printsItsKeyForThoseWhoShallBelieve() throws IOException {
        Said said = ssh();

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).isEqualTo(Files.readString(folder.resolve("ca/ssh_ca.pub")));
        assertThat(said.err()).contains("TrustedUserCAKeys");
        assertThat(ssh().out()).isEqualTo(said.out());
    }

    @Test
    void issuesToAUser() throws Exception {
        Said said = ssh("ID", "--principal", "alice,bob", "--principal", "carol", "--for", "1h", "--option", "clear");
        SshCertificate certificate = SshCertificate.parse(said.out());

        certificate.check(Kind.USER, Instant.now(), Duration.ZERO);
        assertThat(certificate.authority()).isEqualTo(SshKey.parse(ssh().out()));
        assertThat(certificate.key()).isEqualTo(SshVectors.key("ed25519"));
        assertThat(certificate.terms().principals()).containsExactly("alice", "bob", "carol");
        assertThat(certificate.terms().extensions()).isEmpty();
        assertThat(said.err()).contains("issued alice,bob,carol until ");
    }

    @Test
    void issuesToAHostIntoAFile() throws Exception {
        String out = folder.resolve("id-cert.pub").toString();
        Said said = ssh("ID", "--host", "--principal", "gw.example", "--for", "90d", "--out", out);

        assertThat(said.code()).as(said.err()).isZero();
        assertThat(said.out()).isEmpty();
        SshCertificate certificate = SshCertificate.parse(Files.readString(Path.of(out)));
        certificate.check(Kind.HOST, Instant.now(), Duration.ZERO);
        assertThat(certificate.names("gw.example")).isTrue();
    }

    @Test
    void readsAKeyFromStandardInput() {
        Said said = Said.given(SshVectors.text("p256.pub"), "ca", "ssh", ca(), "-", "--principal", "alice");
        assertThat(SshCertificate.parse(said.out()).key()).isEqualTo(SshVectors.key("p256"));
    }

    @ParameterizedTest
    @CsvSource({
        "ID, principals: none",
        "ID --principal spiffe://other.domain/a, expected one of spiffe://cluster.local/",
        "ID --principal a --option strange, option strange: expected",
        "ID --principal a --for 91d, expected 10s to 90d",
        "ID --principal a --host --option clear, of a host",
        "gone.pub --principal a, no such file",
    })
    void whatItDoesNotSayOfAnybodyIsRefused(String line, String why) {
        Said said = ssh(line.split(" "));

        assertThat(said.code()).isEqualTo(1);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).contains(why);
    }

    @Test
    void takesBackWhatItIssued() throws IOException {
        String serial = ssh("ID", "--principal", "alice").err().replaceFirst("(?s).*(ssh-serial:[0-9]+).*", "$1");

        assertThat(Said.by("ca", "revoke", ca(), serial).out()).startsWith("revoked " + serial);
        assertThat(Said.by("ca", "revoke", ca(), serial).out()).startsWith("revoked before");
        assertThat(Said.by("ca", "revoke", ca(), "ssh-serial:12").err()).contains("not issued here");
        assertThat(Files.readAllLines(folder.resolve("ca/revoked.txt"))).containsExactly(serial);
    }

    @Test
    void weakKeysAreNotCertified() throws IOException {
        Files.writeString(folder.resolve("id.pub"), SshVectors.text("weak.pub"));
        assertThat(ssh("ID", "--principal", "alice").err()).contains("1024 bits");
    }
}
