package dev.ugate.app.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.ugate.app.Client;
import dev.ugate.app.Programs;
import dev.ugate.app.Running;
import dev.ugate.app.Upstream;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.testing.FreePort;
import dev.ugate.testing.Peers;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A route goes through a stock sshd, whose key must be known; and stock clients find each other through the gate. */
@Tag("interop")
@Timeout(120)
final class SshWayOutIT {
    @TempDir
    Path folder;

    private Programs programs;
    private Upstream target;
    private int sshd;

    @BeforeEach
    void begin() throws Exception {
        Peers.require("sshd", "ssh", "ssh-keygen");
        programs = new Programs(folder);
        target = Upstream.echo();
        Files.createDirectories(Path.of("/run/sshd"));
        for (String key : new String[] {"host", "other", "user"}) {
            programs.run("keygen", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
        }
        sshd = FreePort.next();
        programs.serve(
                "sshd",
                sshd,
                "sshd",
                "-D",
                "-e",
                "-f",
                "/dev/null",
                "-p",
                "" + sshd,
                "-h",
                folder.resolve("host").toString(),
                "-o",
                "ListenAddress=127.0.0.1",
                "-o",
                "StrictModes=no",
                "-o",
                "UsePAM=no",
                "-o",
                "PidFile=none",
                "-o",
                "AuthorizedKeysFile=" + folder.resolve("user.pub"),
                "-o",
                "PermitRootLogin=yes");
    }

    @AfterEach
    void end() throws IOException {
        target.close();
        programs.close();
    }

    private Running gate(String known, String... more) throws IOException {
        Files.writeString(
                folder.resolve("known"),
                "[127.0.0.1]:" + sshd + " " + Files.readString(folder.resolve(known + ".pub")));
        return Running.of(
                folder,
                Running.OPEN,
                Running.LOCAL,
                "ssh: {identity: user, knownHosts: known}\n" + String.join("", more),
                "routes: [{name: over, match: {host: 127.0.0.1}, upstream: {proxy: \"ssh://"
                        + System.getProperty("user.name") + "@127.0.0.1:" + sshd + "\"}}]\n");
    }

    @Test
    void aRouteGoesThroughAnSshdWhoseKeyIsKnown() throws Exception {
        try (Running gate = gate("host")) {
            for (int i = 0; i < 3; i++) {
                try (Socket socket = Client.socks5(gate.address(), "127.0.0.1", target.port())) {
                    assertThat(Client.echoes(socket, "hello")).isTrue();
                }
            }
            assertThatThrownBy(() -> Client.socks5(gate.address(), "127.0.0.1", FreePort.next()))
                    .as("connect failed, over there")
                    .hasMessageContaining("reply");
            await().untilAsserted(() -> assertThat(gate.accessLines())
                    .as("in the order in which they ended")
                    .hasSize(4)
                    .anySatisfy(line -> assertThat(line.toString())
                            .contains("ssh: open failed 2: Connection refused", "connection_refused")));
        }
    }

    /** A stream that lives, and nobody dials meanwhile. */
    @Test
    void anSshdWhoseKeyIsRevokedIsLeftWithinFiveSeconds() throws Exception {
        Files.writeString(folder.resolve("revoked.txt"), "");
        try (Running gate = gate("host", "mesh: {revoked: revoked.txt}\n");
                Socket live = Client.socks5(gate.address(), "127.0.0.1", target.port())) {
            assertThat(Client.echoes(live, "hello")).isTrue();
            String key = SshKey.parse(Files.readString(folder.resolve("host.pub")))
                    .identity()
                    .name();
            Files.writeString(folder.resolve("revoked.txt"), key + "\n");
            live.setSoTimeout(5000);
            assertThatThrownBy(() -> live.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            assertThat(gate.metric("ugate_ssh_hosts_revoked_total")).isEqualTo(1);
            assertThatThrownBy(() -> Client.socks5(gate.address(), "127.0.0.1", target.port()))
                    .hasMessageContaining("reply 1");
        }
    }

    @Test
    void anSshdWithAnotherKeyIsRefused() throws Exception {
        try (Running gate = gate("other")) {
            assertThatThrownBy(() -> Client.socks5(gate.address(), "127.0.0.1", target.port()))
                    .hasMessageContaining("reply 1");
            await().untilAsserted(() ->
                    assertThat(gate.accessLines()).singleElement().asString().contains("upstream_identity"));
        }
    }
}
