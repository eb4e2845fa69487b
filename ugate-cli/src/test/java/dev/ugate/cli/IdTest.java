package dev.ugate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.app.Json;
import dev.ugate.app.Running;
import dev.ugate.config.mesh.PublicKey;
import dev.ugate.identity.Csr;
import dev.ugate.model.Ip;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.testing.SshVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who the node is, whether it runs or not. */
final class IdTest {
    @TempDir
    Path folder;

    private Said id(String... arguments) {
        List<String> all = new ArrayList<>(List.of("id"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("-c", folder.resolve("ugate.yaml").toString(), "--state", state().toString()));
        return Said.by(all.toArray(String[]::new));
    }

    private Path state() {
        return folder.resolve("state");
    }

    @Test
    void everythingFollowsFromTheKey() throws IOException {
        Running.write(folder, Running.OPEN, "mesh: {suffixes: [.first, .m]}\n");
        Map<String, Object> told = Json.object(id("-o", "json").out());
        PublicKey key = new PublicKey(String.valueOf(told.get("public_key")));

        assertThat(told)
                .containsEntry("id", key.id().text())
                .containsEntry("address", Ip.text(key.vip()))
                .containsEntry("identity", key.id().identity());
        assertThat(String.valueOf(told.get("name"))).endsWith(".first");
        assertThat(NodeId.named(String.valueOf(told.get("name")))).contains(key.id());
        assertThat(state().resolve("node.key")).exists();
    }

    @Test
    void tellsWhatSshClientsSee() throws IOException {
        Running.write(folder, Running.OPEN, "");
        Map<String, Object> told = Json.object(id("-o", "json").out());
        SshKey key = SshKey.parse(String.valueOf(told.get("ssh_key")));

        assertThat(told)
                .containsEntry("fingerprint", key.fingerprint())
                .containsEntry("known_hosts", told.get("name") + " " + key.text());
        assertThat(String.valueOf(told.get("sshfp"))).startsWith(told.get("name") + ". IN SSHFP 4 2 ");
        try (Running running = Running.of(folder, Running.OPEN, "")) {
            assertThat(Json.object(id("-o", "json").out())).containsEntry("ssh_key", key.text());
        }
    }

    @Test
    void aConfiguredHostKeyIsTheOneThatIsTold() throws IOException {
        Files.writeString(folder.resolve("host.key"), SshVectors.text("ed25519.key"));
        Files.setPosixFilePermissions(folder.resolve("host.key"), PosixFilePermissions.fromString("rw-------"));
        Running.write(folder, Running.OPEN, "ssh: {hostKey: host.key}\n");

        assertThat(Json.object(id("-o", "json").out()))
                .containsEntry("ssh_key", SshVectors.key("ed25519").text());
    }

    @Test
    void aNodeIsTheSameRunningOrNot() throws IOException {
        Running.write(folder, Running.OPEN, "");
        Said before = id();
        assertThat(before.code()).as(before.err()).isZero();
        assertThat(before.out()).startsWith("id         ").contains("public key ", "until      ");
        try (Running running = Running.of(folder, Running.OPEN, "")) {
            assertThat(first(id().out())).isEqualTo(first(before.out()));
            assertThat(Json.object(id("-o", "json").out())).containsKeys("id", "until");
            Said status = Said.by("status", "--state", state().toString());
            assertThat(status.out()).contains("warning: key " + state().resolve("node.key") + ": in the clear");
        }
    }

    @Test
    void theRequestIsForTheNodesKey() throws IOException {
        Running.write(folder, Running.OPEN, "");
        String public1 = String.valueOf(Json.object(id("-o", "json").out()).get("public_key"));

        assertThat(keyOf(id("--csr").out())).isEqualTo(new PublicKey(public1).id());
        try (Running running = Running.of(folder, Running.OPEN, "")) {
            assertThat(keyOf(id("--csr").out())).isEqualTo(new PublicKey(public1).id());
        }
    }

    @Test
    void anIssuedCertificateMakesTheIdentity() throws IOException {
        Running.write(folder, Running.OPEN, "");
        Files.writeString(folder.resolve("node.csr"), id("--csr").out());
        Said.by("ca", "init", folder.resolve("ca").toString());
        Said.by(
                "ca",
                "sign",
                folder.resolve("ca").toString(),
                folder.resolve("node.csr").toString(),
                "--id",
                "spiffe://cluster.local/ns/a/sa/b",
                "--out",
                folder.toString());
        Running.write(
                folder,
                Running.OPEN,
                "mesh: {certificate: {cert: node.pem}, trust: [{domain: cluster.local, bundle: root.pem}]}\n");

        assertThat(Json.object(id("-o", "json").out())).containsEntry("identity", "spiffe://cluster.local/ns/a/sa/b");
    }

    @Test
    void aBrokenKeyIsOneErrorForEverybody() throws IOException {
        Running.write(folder, Running.OPEN, "");
        id();
        Files.writeString(state().resolve("node.key"), "torn");

        Said said = id();
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err()).contains("key " + state().resolve("node.key")).contains("expected one whole key");
        Said run = Said.by("run", "-c", folder.resolve("ugate.yaml").toString(), "--state", state().toString());
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("expected one whole key");
    }

    private static String first(String text) {
        return text.lines().findFirst().orElseThrow();
    }

    private static NodeId keyOf(String request) {
        return NodeId.of(PublicKeys.marshalled(Csr.parse(request).key()));
    }
}
