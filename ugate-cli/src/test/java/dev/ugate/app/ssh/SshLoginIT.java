package dev.ugate.app.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Programs;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.identity.Authority;
import dev.ugate.identity.SshAuthority;
import dev.ugate.identity.SshAuthority.Request;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshCertificate.Kind;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stock ssh before a gateway: who is let in, as whom, to where; and whether it believes the gateway. */
@Tag("interop")
@Timeout(120)
final class SshLoginIT {
    private static final String ALICE_ONLY =
            "policy: {default: deny, allow: [{name: alice, from: \"user:alice\", to: 127.0.0.1}]}\n";

    @TempDir
    private Path folder;

    private Programs programs;
    private Upstream target;
    private SshAuthority authority;

    @BeforeEach
    void begin() throws Exception {
        Peers.require("ssh", "ssh-keygen");
        programs = new Programs(folder);
        target = Upstream.echo();
        Authority.create(folder.resolve("ca"), "cluster.local", Optional.empty(), Clock.systemUTC());
        authority = SshAuthority.open(folder.resolve("ca"), Optional.empty(), Clock.systemUTC());
        key("user", "ed25519");
        Files.writeString(folder.resolve("input"), "hello");
        Files.writeString(folder.resolve("known"), "");
    }

    @AfterEach
    void end() throws IOException {
        if (programs != null) {
            programs.close();
            target.close();
        }
    }

    private void key(String name, String kind) throws Exception {
        programs.run("keygen", "ssh-keygen", "-q", "-t", kind, "-N", "", "-f", name);
    }

    private SshKey key(String name) throws IOException {
        return SshKey.parse(Files.readString(folder.resolve(name)));
    }

    private void issue(String name, Kind kind, Duration life, String principal, String... options) throws IOException {
        Request request = new Request(key(name + ".pub"), kind, List.of(principal), life, List.of(options));
        Files.writeString(
                folder.resolve(name + "-cert.pub"), authority.issue(request).text() + "\n");
    }

    private List<String> line(Running gate, String checking, String... more) {
        List<String> line = new ArrayList<>(List.of("ssh", "-F", "/dev/null", "-i", "user"));
        for (String option : List.of(
                "IdentitiesOnly=yes",
                "IdentityAgent=none",
                "BatchMode=yes",
                "StrictHostKeyChecking=" + checking,
                "GlobalKnownHostsFile=/dev/null",
                "UserKnownHostsFile=" + folder.resolve("known"),
                "HostKeyAlias=gw.example")) {
            line.addAll(List.of("-o", option));
        }
        line.addAll(List.of("-p", "" + gate.address().getPort()));
        line.addAll(List.of(more));
        line.add("alice@127.0.0.1");
        return line;
    }

    /** What comes back of {@code hello}; fails with what ssh says where nothing does. */
    private String through(Running gate, String checking) throws Exception {
        String[] line = line(gate, checking, "-W", "127.0.0.1:" + target.port()).toArray(String[]::new);
        return Files.readString(programs.run("ssh", folder.resolve("input"), line));
    }

    private void denied(Running gate) {
        assertThatThrownBy(() -> through(gate, "no"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Permission denied (publickey)");
    }

    private Running gate(String... sections) throws IOException {
        List<String> all = new ArrayList<>(List.of(Running.OPEN));
        all.addAll(List.of(sections));
        return Running.of(folder, all.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"ed25519", "ecdsa", "rsa"})
    void anAuthorizedKeyIsItsFingerprint(String kind) throws Exception {
        Files.delete(folder.resolve("user"));
        Files.delete(folder.resolve("user.pub"));
        key("user", kind);
        String name = key("user.pub").identity().name();
        String rule = "policy: {default: deny, allow: [{name: key, from: \"" + name + "\", to: 127.0.0.1}]}\n";
        try (Running gate = gate(rule, "ssh: {authorizedKeys: user.pub}\n")) {
            assertThat(through(gate, "no")).isEqualTo("hello");
            await().untilAsserted(() ->
                    assertThat(gate.accessLines()).singleElement().asString().contains(name));
        }
    }

    @Test
    void aKeyThatNobodyAuthorizedIsRefused() throws Exception {
        key("other", "ed25519");
        try (Running gate = gate(Running.LOCAL, "ssh: {authorizedKeys: other.pub}\n")) {
            denied(gate);
            await().untilAsserted(() -> assertThat(gate.log()).anyMatch(line -> line.contains("not authorized")));
        }
    }

    @Test
    void optionsOfALineHoldForStockClients() throws Exception {
        String line = Files.readString(folder.resolve("user.pub"));
        Files.writeString(folder.resolve("keys"), "permitopen=\"127.0.0.1:1\" " + line);
        try (Running gate = gate(Running.LOCAL, "ssh: {authorizedKeys: keys}\n")) {
            assertThatThrownBy(() -> through(gate, "no")).hasMessageContaining("administratively prohibited");
            Files.writeString(folder.resolve("keys"), "permitopen=\"127.0.0.1:" + target.port() + "\" " + line);
            gate.app().reload();
            assertThat(through(gate, "no")).isEqualTo("hello");
        }
    }

    @Test
    void aCertificateIsItsPrincipal() throws Exception {
        try (Running gate = gate(ALICE_ONLY, "ssh: {userCa: ca/ssh_ca.pub}\n")) {
            denied(gate);
            issue("user", Kind.USER, Duration.ofHours(1), "alice");
            assertThat(through(gate, "no")).isEqualTo("hello");
            issue("user", Kind.USER, Duration.ofHours(1), "bob");
            assertThatThrownBy(() -> through(gate, "no")).hasMessageContaining("administratively prohibited");
        }
    }

    /** T78. */
    @Test
    void certificatesThatProveNobodyAreRefused() throws Exception {
        try (Running gate = gate(Running.LOCAL, "ssh: {userCa: ca/ssh_ca.pub}\n")) {
            issue("user", Kind.HOST, Duration.ofHours(1), "alice");
            denied(gate);
            issue("user", Kind.USER, Duration.ofHours(1), "alice", "source-address=192.0.2.0/24");
            denied(gate);
            issue("user", Kind.USER, Duration.ofHours(1), "spiffe://cluster.local/ns/a/sa/b");
            denied(gate);
            issue("user", Kind.USER, Duration.ofHours(1), "alice", "no-port-forwarding");
            assertThatThrownBy(() -> through(gate, "no")).hasMessageContaining("administratively prohibited");
        }
    }

    @Test
    void sshBelievesTheGatewayByItsAuthority() throws Exception {
        key("host", "ed25519");
        issue("host", Kind.HOST, Duration.ofHours(1), "gw.example");
        Files.writeString(folder.resolve("known"), "@cert-authority *.example " + authority.publicText() + "\n");
        String section = "ssh: {authorizedKeys: user.pub, hostKey: host, hostCertificate: host-cert.pub}\n";
        try (Running gate = gate(Running.LOCAL, section)) {
            assertThat(through(gate, "yes")).isEqualTo("hello");
        }
    }

    @Test
    void sshBelievesTheGatewayByItsKey() throws Exception {
        try (Running gate = gate(Running.LOCAL, "ssh: {authorizedKeys: user.pub}\n")) {
            assertThatThrownBy(() -> through(gate, "yes")).hasMessageContaining("verification failed");
            String id = gate.ask("GET", "/id?form=text");
            String key = id.lines()
                    .filter(line -> line.startsWith("ssh key"))
                    .findFirst()
                    .orElseThrow()
                    .substring("ssh key".length())
                    .strip();
            Files.writeString(folder.resolve("known"), "gw.example " + key + "\n");
            assertThat(through(gate, "yes")).isEqualTo("hello");
        }
    }

    @Test
    void aCertificateThatIsRevokedIsCutOffWithinFiveSeconds() throws Exception {
        Files.writeString(folder.resolve("revoked.txt"), "");
        issue("user", Kind.USER, Duration.ofHours(1), "alice");
        long serial = SshCertificate.parse(Files.readString(folder.resolve("user-cert.pub")))
                .terms()
                .serial();
        try (Running gate = gate(Running.LOCAL, "ssh: {userCa: ca/ssh_ca.pub}\nmesh: {revoked: revoked.txt}\n")) {
            Process live = programs.start("live", line(gate, "no", "-N").toArray(String[]::new));
            await().atMost(20, TimeUnit.SECONDS)
                    .untilAsserted(
                            () -> assertThat(gate.metric("ugate_ssh_logins")).isEqualTo(1));
            Files.writeString(folder.resolve("revoked.txt"), "ssh-serial:" + serial + "\n");
            assertThat(live.waitFor(5, TimeUnit.SECONDS)).isTrue();
            denied(gate);
            issue("user", Kind.USER, Duration.ofHours(1), "alice");
            assertThat(through(gate, "no")).as("another certificate").isEqualTo("hello");
        }
    }

    @Test
    void whoIsTakenOutOfTheFileIsCutOff() throws Exception {
        key("other", "ed25519");
        Files.copy(folder.resolve("user.pub"), folder.resolve("keys"));
        try (Running gate = gate(Running.LOCAL, "ssh: {authorizedKeys: keys}\n")) {
            Process live = programs.start("live", line(gate, "no", "-N").toArray(String[]::new));
            await().atMost(20, TimeUnit.SECONDS)
                    .untilAsserted(
                            () -> assertThat(gate.metric("ugate_ssh_logins")).isEqualTo(1));
            Files.writeString(folder.resolve("keys"), Files.readString(folder.resolve("other.pub")));
            gate.app().reload();
            assertThat(live.waitFor(20, TimeUnit.SECONDS)).isTrue();
            denied(gate);
        }
    }
}
