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
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
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

    /** What a session prints that asks for this command. */
    private String session(Running gate, String... command) throws Exception {
        List<String> line = line(gate, "no", "-T");
        line.addAll(List.of(command));
        return Files.readString(programs.run("ssh", line.toArray(String[]::new)));
    }

    @Test
    void aKeyMaySayWhatItsSessionsRun() throws Exception {
        String key = Files.readString(folder.resolve("user.pub"));
        String shell = "/bin/sh -c 'echo forced: $SSH_ORIGINAL_COMMAND, $UGATE_IDENTITY'";
        Files.writeString(folder.resolve("keys"), "command=\"" + shell + "\" " + key);
        try (Running gate = gate(Running.LOCAL, "ssh: {authorizedKeys: keys, session: forced}\n")) {
            String forced = key("user.pub").identity().name() + "\n";
            assertThat(session(gate, "rm -rf /")).isEqualTo("forced: rm -rf /, " + forced);
            assertThat(session(gate)).isEqualTo("forced: , " + forced);
            assertThatThrownBy(() -> through(gate, "no")).hasMessageContaining("administratively prohibited");
            Files.writeString(folder.resolve("keys"), "command=\"echo $HOME\" " + key);
            gate.app().reload();
            assertThatThrownBy(() -> session(gate, "id")).hasMessageContaining("exec request failed");
            await().untilAsserted(() -> assertThat(gate.log()).anyMatch(line -> line.contains("no shell reads it")));
        }
        try (Running gate = gate(Running.LOCAL, "ssh: {authorizedKeys: keys}\n")) {
            assertThatThrownBy(() -> session(gate, "id")).hasMessageContaining("exec request failed");
            assertThat(session(gate)).startsWith("you are ");
        }
    }

    @Test
    void aCertificateMaySayWhatItsSessionsRun() throws Exception {
        String own = "session: {from: \"user:alice\", command: [/bin/echo, own]}";
        try (Running gate = gate(Running.LOCAL, "ssh: {userCa: ca/ssh_ca.pub, " + own + "}\n")) {
            issue("user", Kind.USER, Duration.ofHours(1), "alice", "force-command=/bin/echo forced");
            assertThat(session(gate, "id")).isEqualTo("forced\n");
            issue("user", Kind.USER, Duration.ofHours(1), "alice");
            assertThat(session(gate, "id")).isEqualTo("own\n");
            issue("user", Kind.USER, Duration.ofHours(1), "bob");
            assertThatThrownBy(() -> session(gate, "id")).hasMessageContaining("exec request failed");
            assertThat(session(gate)).startsWith("you are user:bob");
        }
    }

    @Test
    void aProgramHasItsTime() throws Exception {
        String section = "ssh: {authorizedKeys: user.pub, session: {command: [/bin/sleep, \"300\"]}}\n";
        try (Running gate = gate(Running.LOCAL, section, "limits: {sshCommandTime: 300ms}\n")) {
            assertThatThrownBy(() -> session(gate)).hasMessageContaining("exit code 255");
            assertThat(gate.ask("GET", "/metrics"))
                    .contains("ugate_limit_hit_total{limit=\"sshCommandTime\"} 1.0")
                    .contains("ugate_limit_used{limit=\"sshCommands\"}");
        }
    }

    /** Policy sees the name, the key may say no, and what was made is gone with us. */
    @Test
    void unixSocketsAreForThoseWhomPolicyLets() throws Exception {
        Path socket = folder.resolve("r.sock");
        String sockets = "sockets: {open: [{path: " + folder + "/*.sock, name: app.m}], listen: [{path: " + folder
                + "/r.sock, name: back.m}]}";
        String rules = "policy: {default: deny, allow: [{name: back, from: unix, to: [back.m]},"
                + " {name: mirror, from: 127.0.0.0/8, to: 127.0.0.1}%s]}\n";
        String section = "ssh: {authorizedKeys: keys, " + sockets + "}\n";
        Files.copy(folder.resolve("user.pub"), folder.resolve("keys"));
        Running gate = gate(String.format(rules, ""), section);
        try {
            String forward = socket + ":127.0.0.1:" + target.port();
            Process provider = programs.start(
                    "provider", line(gate, "no", "-N", "-R", forward).toArray(String[]::new));
            await().until(() -> Files.exists(socket));
            int local = FreePort.next();
            String[] consumer =
                    line(gate, "no", "-N", "-L", local + ":" + socket).toArray(String[]::new);
            programs.serve("consumer", local, consumer);
            assertThat(hello(local)).isEmpty();
            Running.write(
                    folder,
                    Running.OPEN,
                    String.format(rules, ", {name: app, from: \"ssh:**\", to: app.m}")
                            .replace("ssh:**", key("user.pub").identity().name()),
                    section);
            gate.app().reload();
            assertThat(hello(local)).isEqualTo("hello");
            await().untilAsserted(() -> assertThat(gate.accessLines())
                    .anyMatch(line -> line.contains("app.m:0") && line.contains("\"route\":\"socket\"")));
            assertThat(provider.isAlive()).isTrue();
            Files.writeString(
                    folder.resolve("keys"),
                    "permitopen=\"127.0.0.1:" + target.port() + "\" " + Files.readString(folder.resolve("user.pub")));
            gate.app().reload();
            int other = FreePort.next();
            programs.serve(
                    "restricted",
                    other,
                    line(gate, "no", "-N", "-L", other + ":" + socket).toArray(String[]::new));
            assertThat(hello(other)).isEmpty();
        } finally {
            gate.close();
        }
        await().until(() -> Files.notExists(socket));
    }

    /** What comes back of {@code hello} through a port of this machine. */
    private static String hello(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (SocketException reset) {
            return "";
        }
    }

    /** As libssh2 and PuTTY may: not a byte before the server's line. */
    @Test
    void aClientThatWaitsForTheServerIsGreeted() throws Exception {
        Peers.require("bash");
        String listener = "listeners: [{address: \"127.0.0.1:0\", forward: open, silent: ssh}]\n";
        try (Running gate = Running.of(folder, listener, Running.LOCAL, "ssh: {authorizedKeys: user.pub}\n")) {
            String waiting = "ProxyCommand=bash -c 'exec 3<>/dev/tcp/127.0.0.1/%p; IFS= read -r -u 3 line;"
                    + " printf \"%%s\\n\" \"$line\"; cat <&3 & cat >&3; wait'";
            String[] line = line(gate, "no", "-o", waiting, "-W", "127.0.0.1:" + target.port())
                    .toArray(String[]::new);
            assertThat(Files.readString(programs.run("ssh", folder.resolve("input"), line)))
                    .isEqualTo("hello");
            assertThat(through(gate, "no")).isEqualTo("hello");
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
