package dev.ugate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.identity.SshAuthority.Request;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.testing.SshVectors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SshAuthorityTest {
    private static final Instant NOW = Instant.parse("2026-01-15T00:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final SshKey KEY = SshVectors.key("ed25519");

    @TempDir
    private Path folder;

    private SshAuthority authority;

    @BeforeEach
    void open() throws IOException {
        Authority.create(folder, "cluster.local", Optional.empty(), CLOCK);
        authority = SshAuthority.open(folder, Optional.empty(), CLOCK);
    }

    private static Request request(List<String> principals, String... options) {
        return new Request(KEY, Kind.USER, principals, Duration.ofHours(8), List.of(options));
    }

    @Test
    void issuesWhatCounts() throws Exception {
        SshCertificate certificate = authority.issue(request(List.of("alice", "spiffe://cluster.local/ns/a/sa/b")));

        certificate.check(Kind.USER, NOW.plus(Duration.ofHours(8)).minusSeconds(1), Duration.ZERO);
        assertThat(certificate.authority()).isEqualTo(SshKey.parse(authority.publicText()));
        assertThat(certificate.terms().principals()).containsExactly("alice", "spiffe://cluster.local/ns/a/sa/b");
        assertThat(certificate.restrictions().forwarding()).isTrue();
        assertThat(certificate.until()).isEqualTo(NOW.plus(Duration.ofHours(8)));
        assertThat(Files.readString(folder.resolve("ssh-issued.log")))
                .contains("\tuser\t" + KEY.fingerprint() + "\t2026-01-15T08:00:00Z\talice,spiffe://");
    }

    @Test
    void itsKeyStaysAndIsWrittenForOthers() throws IOException {
        String before = authority.publicText();

        assertThat(SshAuthority.open(folder, Optional.empty(), CLOCK).publicText())
                .isEqualTo(before);
        assertThat(Files.readString(authority.publicFile())).isEqualTo(before + "\n");
        assertThat(before).startsWith("ssh-ed25519 ").endsWith(" ssh-ca@cluster.local");
        assertThat(Files.readString(folder.resolve("ssh.key"))).startsWith("-----BEGIN PRIVATE KEY-----");
    }

    @Test
    void aSealSealsItsKey(@TempDir Path other) throws IOException {
        Optional<Seal> seal = Optional.of(Seal.of("0123456789abcdef".getBytes(StandardCharsets.US_ASCII), "test"));
        Authority.create(other, "cluster.local", seal, CLOCK);
        String text = SshAuthority.open(other, seal, CLOCK).publicText();

        assertThat(other.resolve("ssh.sealed")).exists();
        assertThat(other.resolve("ssh.key")).doesNotExist();
        assertThat(SshAuthority.open(other, seal, CLOCK).publicText()).isEqualTo(text);
        assertThatThrownBy(() -> SshAuthority.open(other, Optional.empty(), CLOCK))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("sealed");
    }

    @Test
    void hostsHaveNoOptions() throws Exception {
        Request host = new Request(KEY, Kind.HOST, List.of("gw.example"), Duration.ofDays(90), List.of());
        assertThatCode(() -> authority.issue(host).check(Kind.HOST, NOW, Duration.ZERO))
                .doesNotThrowAnyException();
        assertThat(authority.issue(host).terms().extensions()).isEmpty();
        assertThatThrownBy(() -> authority.issue(
                        new Request(KEY, Kind.HOST, List.of("a"), Duration.ofDays(1), List.of("verify-required"))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void optionsAreThoseOfSshKeygen() throws Exception {
        SshCertificate certificate = authority.issue(request(
                List.of("alice"),
                "force-command=/bin/echo a=b",
                "source-address=192.0.2.0/24,2001:db8::1",
                "verify-required",
                "no-port-forwarding",
                "no-touch-required"));
        assertThat(certificate.restrictions().command()).contains("/bin/echo a=b");
        assertThat(certificate.restrictions().forwarding()).isFalse();
        assertThat(certificate.terms().critical())
                .containsOnlyKeys("force-command", "source-address", "verify-required");
        assertThat(certificate.terms().extensions()).containsKeys("no-touch-required", "permit-pty");
        assertThat(authority
                        .issue(request(List.of("alice"), "clear", "permit-pty"))
                        .terms()
                        .extensions())
                .containsOnlyKeys("permit-pty");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "strange",
                "force-command",
                "=x",
                "source-address=192.0.2.1/24",
                "source-address=host.example",
                "permit-everything",
                "no-everything",
                "verify-required=yes"
            })
    void otherOptionsAreRefused(String option) {
        assertThatThrownBy(() -> authority.issue(request(List.of("alice"), option)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(folder.resolve("ssh-issued.log")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a,b", "ä", "spiffe://other.domain/a", "spiffe://cluster.local", "spiffe://x"})
    void principalsAreNamesAndIdsOfTheDomain(String principal) {
        assertThatThrownBy(() -> authority.issue(request(List.of(principal))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> authority.issue(request(List.of()))).hasMessageContaining("principals: none");
    }

    @Test
    void livesAreBounded() {
        for (Duration life : List.of(Duration.ofSeconds(9), Duration.ofDays(91))) {
            assertThatThrownBy(() -> authority.issue(new Request(KEY, Kind.USER, List.of("alice"), life, List.of())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected 10s to 90d");
        }
    }

    @Test
    void thereIsNoneWithoutTheAuthorityOfTheDomain(@TempDir Path empty) {
        assertThatThrownBy(() -> SshAuthority.open(empty, Optional.empty(), CLOCK))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected ugate ca init");
        assertThat(empty.resolve("ssh.key")).doesNotExist();
    }
}
