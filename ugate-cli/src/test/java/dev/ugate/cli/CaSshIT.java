package dev.ugate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.app.Programs;
import dev.ugate.identity.Credential;
import dev.ugate.identity.NodeKey;
import dev.ugate.identity.SshCredential;
import dev.ugate.model.ssh.PrivateKeyText;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ugate ca ssh} and nodes sign, before OpenSSH: its reader, its server and its client. */
@Tag("interop")
@Timeout(120)
final class CaSshIT {
    private static final String USER = System.getProperty("user.name");

    @TempDir
    private Path folder;

    private Programs programs;

    @BeforeEach
    void keys() throws Exception {
        Peers.require("ssh", "sshd", "ssh-keygen");
        programs = new Programs(folder);
        assertThat(Said.by("ca", "init", path("ca")).code()).isZero();
        Files.writeString(
                folder.resolve("ssh_ca.pub"), Said.by("ca", "ssh", path("ca")).out());
        programs.run("host-key", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "host");
        programs.run("user-key", "ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", "user");
        Files.createDirectories(Path.of("/run/sshd"));
    }

    @AfterEach
    void stop() {
        if (programs != null) {
            programs.close();
        }
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private void issue(String key, String... arguments) {
        List<String> all = new ArrayList<>(List.of("ca", "ssh", path("ca"), path(key + ".pub")));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--out", path(key + "-cert.pub")));
        Said said = Said.by(all.toArray(String[]::new));
        assertThat(said.code()).as(said.err()).isZero();
    }

    private int sshd(String... options) throws IOException {
        int port = FreePort.next();
        List<String> line =
                new ArrayList<>(List.of("sshd", "-D", "-e", "-f", "/dev/null", "-p", "" + port, "-h", path("host")));
        for (String option : options) {
            line.addAll(List.of("-o", option));
        }
        for (String option : List.of(
                "ListenAddress=127.0.0.1",
                "StrictModes=no",
                "UsePAM=no",
                "PidFile=none",
                "AuthorizedKeysFile=none",
                "PermitRootLogin=yes")) {
            line.addAll(List.of("-o", option));
        }
        programs.serve("sshd", port, line.toArray(String[]::new));
        return port;
    }

    private String ssh(int port, String... options) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("ssh", "-F", "/dev/null", "-p", "" + port, "-i", path("user")));
        for (String option : options) {
            line.addAll(List.of("-o", option));
        }
        for (String option : List.of(
                "IdentitiesOnly=yes",
                "BatchMode=yes",
                "StrictHostKeyChecking=yes",
                "GlobalKnownHostsFile=/dev/null",
                "UserKnownHostsFile=" + path("known"),
                "HostKeyAlias=gw.example")) {
            line.addAll(List.of("-o", option));
        }
        line.addAll(List.of(USER + "@127.0.0.1", "echo", "here"));
        return Files.readString(programs.run("ssh", line.toArray(String[]::new)));
    }

    private void known(String line) throws IOException {
        Files.writeString(folder.resolve("known"), line + "\n");
    }

    private String line(String key) throws IOException {
        return SshKey.parse(Files.readString(folder.resolve(key))).text();
    }

    private String shown(String certificate) throws IOException, InterruptedException {
        return Files.readString(programs.run("list", "ssh-keygen", "-L", "-f", certificate));
    }

    @Test
    void sshKeygenReadsWhatWasIssued() throws Exception {
        issue(
                "user",
                "--principal",
                "alice,spiffe://cluster.local/ns/a/sa/b",
                "--option",
                "source-address=127.0.0.0/8",
                "--option",
                "force-command=/bin/true");
        assertThat(shown("user-cert.pub"))
                .contains("ecdsa-sha2-nistp256-cert-v01@openssh.com user certificate")
                .contains("Key ID: \"alice\"")
                .containsSubsequence("Principals:", "alice", "spiffe://cluster.local/ns/a/sa/b")
                .containsSubsequence("Critical Options:", "force-command /bin/true", "source-address 127.0.0.0/8")
                .containsSubsequence("Extensions:", "permit-X11-forwarding", "permit-port-forwarding", "permit-user-rc")
                .contains("using ssh-ed25519");
    }

    @Test
    void sshdLetsInWhomTheAuthorityNames() throws Exception {
        int port = sshd("TrustedUserCAKeys=" + path("ssh_ca.pub"));
        known("gw.example " + line("host.pub"));

        issue("user", "--principal", USER, "--for", "1h");
        assertThat(ssh(port)).isEqualTo("here\n");
        issue("user", "--principal", USER, "--option", "source-address=192.0.2.0/24");
        assertThatThrownBy(() -> ssh(port)).isInstanceOf(AssertionError.class).hasMessageContaining("denied");
        issue("user", "--principal", "somebody-else");
        assertThatThrownBy(() -> ssh(port)).isInstanceOf(AssertionError.class).hasMessageContaining("denied");
    }

    @Test
    void sshBelievesAHostThatTheAuthorityNames() throws Exception {
        issue("host", "--host", "--principal", "gw.example", "--for", "1h");
        issue("user", "--principal", USER);
        int port = sshd("TrustedUserCAKeys=" + path("ssh_ca.pub"), "HostCertificate=" + path("host-cert.pub"));

        known("@cert-authority *.example " + line("ssh_ca.pub"));
        assertThat(ssh(port)).isEqualTo("here\n");
        known("@cert-authority *.other " + line("ssh_ca.pub"));
        assertThatThrownBy(() -> ssh(port))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("verification failed");
    }

    private String serial() throws IOException {
        return Long.toUnsignedString(SshCertificate.parse(Files.readString(folder.resolve("user-cert.pub")))
                .terms()
                .serial());
    }

    private void revoke(String what) {
        Said said = Said.by("ca", "revoke", path("ca"), what);
        assertThat(said.code()).as(said.err()).isZero();
        Said list = Said.by("ca", "ssh", path("ca"), "--krl", path("krl"));
        assertThat(list.code()).as(list.err()).isZero();
    }

    private void isRevoked(String key) throws IOException {
        assertThatThrownBy(() -> programs.run("query", "ssh-keygen", "-Q", "-f", path("krl"), path(key)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("exit code 1");
        assertThat(folder.resolve("query.out")).content().contains(": REVOKED");
    }

    private void isGood(String key) throws Exception {
        assertThat(Files.readString(programs.run("query", "ssh-keygen", "-Q", "-f", path("krl"), path(key))))
                .contains(": ok");
    }

    @Test
    void sshKeygenReadsWhoIsTakenBack() throws Exception {
        revoke("user:nobody");
        isGood("user.pub");
        issue("user", "--principal", "alice");
        revoke("ssh-serial:" + serial());
        isRevoked("user-cert.pub");
        isGood("user.pub");
        issue("user", "--principal", "alice");
        isGood("user-cert.pub");
        revoke("user:alice");
        isRevoked("user-cert.pub");
        issue("user", "--principal", "b@a.cluster.local");
        isGood("user-cert.pub");
        revoke("spiffe://cluster.local/ns/a/sa/b");
        isRevoked("user-cert.pub");
        issue("user", "--principal", "carol");
        isGood("user-cert.pub");
        revoke(SshKey.parse(Files.readString(folder.resolve("user.pub")))
                .identity()
                .name());
        isRevoked("user-cert.pub");
        isRevoked("user.pub");
        isGood("host.pub");
        assertThat(Said.by("ca", "ssh", path("ca"), path("user.pub"), "--krl", path("krl"))
                        .code())
                .isEqualTo(1);
    }

    @Test
    void sshdRefusesWhomTheListNames() throws Exception {
        issue("user", "--principal", USER);
        revoke("user:nobody");
        int port = sshd("TrustedUserCAKeys=" + path("ssh_ca.pub"), "RevokedKeys=" + path("krl"));
        known("gw.example " + line("host.pub"));
        assertThat(ssh(port)).isEqualTo("here\n");
        revoke("ssh-serial:" + serial());
        assertThatThrownBy(() -> ssh(port)).isInstanceOf(AssertionError.class).hasMessageContaining("denied");
        issue("user", "--principal", USER);
        assertThat(ssh(port)).as("another certificate").isEqualTo("here\n");
    }

    /** OpenSSH passes over the chain that a node's certificate carries. */
    @Test
    void opensshTakesTheCertificatesOfANode() throws Exception {
        NodeKey node = NodeKey.generate();
        Credential own = Credential.selfCertified(node, node.name(".m"), Instant.now(), Credential.LIFE);
        SshPrivateKey hostKey = PrivateKeyText.parse(Files.readString(folder.resolve("host")));
        SshPrivateKey userKey = PrivateKeyText.parse(Files.readString(folder.resolve("user")));
        write(
                "host-cert.pub",
                SshCredential.of(own, hostKey, List.of("gw.example")).host().text());
        write(
                "user-cert.pub",
                SshCredential.of(own, userKey, List.of(USER)).user().text());
        write("node.pub", SshKey.of(node.publicKey()).text());

        assertThat(shown("host-cert.pub"))
                .contains("host certificate")
                .contains("x509-chain@ugate.dev UNKNOWN OPTION")
                .contains("using ecdsa-sha2-nistp256");
        int port = sshd("TrustedUserCAKeys=" + path("node.pub"), "HostCertificate=" + path("host-cert.pub"));
        known("@cert-authority gw.example " + line("node.pub"));
        assertThat(ssh(port)).isEqualTo("here\n");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text + "\n");
    }
}
