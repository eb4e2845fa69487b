package dev.ugate.app.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ugate.app.mesh.MeshNode;
import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.gate.mesh.Vips;
import dev.ugate.identity.KeyStore;
import dev.ugate.identity.SshCredential;
import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import dev.ugate.model.Refused;
import dev.ugate.model.ssh.KnownHosts.Verdict;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.protocols.ssh.auth.Host;
import dev.ugate.protocols.ssh.auth.Login;
import dev.ugate.protocols.ssh.auth.UserKey;
import dev.ugate.spi.Connection;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Members;
import dev.ugate.testing.SshVectors;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the files of SSH make of a process, and of who is in. */
final class DoorTest {
    private static final Peer HERE =
            Peer.of(new InetSocketAddress("127.0.0.1", 4000), new InetSocketAddress("127.0.0.1", 22));
    private static final Peer AFAR =
            Peer.of(new InetSocketAddress("192.0.2.9", 4000), new InetSocketAddress("192.0.2.1", 22));
    private static final UserKey KEY = new UserKey(SshVectors.key("ed25519"), Optional.empty(), "ssh-ed25519");

    @TempDir
    private Path folder;

    private final KeyStore keys = KeyStore.memory();
    private final MeshNode mesh = new MeshNode(keys, Clock.systemUTC(), Members.ALPN, new Vips());
    private Instant now = Instant.parse("2026-01-15T00:00:00Z");
    private final InstantSource clock = () -> now;
    private final List<Runnable> work = new ArrayList<>();
    private Door door;

    @BeforeEach
    void begin() throws IOException {
        mesh.prepare(config("")).run();
        door = new Door(mesh, keys, clock, folder, work::add);
        write("keys", SshVectors.text("ed25519.pub"));
    }

    private Config config(String section) {
        return ConfigFile.parse("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\n" + section, folder);
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        boolean secret = text.contains("PRIVATE");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--"));
    }

    private void prepare(String section) throws IOException {
        door.prepare(config("ssh: " + section + "\n").ssh()).run();
    }

    private Login in(UserKey key, Peer peer) throws CertificateException {
        return door.keyring().judge(key, "alice", peer);
    }

    private EmbeddedChannel live(Login login, Peer peer) {
        EmbeddedChannel channel = new EmbeddedChannel();
        Connection.accepted(Listening.open().ingress(), peer).on(channel);
        door.met(channel, login);
        channel.runPendingTasks();
        return channel;
    }

    @Test
    void authorizedKeysLogIn() throws Exception {
        prepare("{authorizedKeys: keys}");

        assertThat(in(KEY, AFAR).identity()).isEqualTo(KEY.key().identity());
        UserKey other = new UserKey(SshVectors.key("other"), Optional.empty(), "ssh-ed25519");
        assertThatThrownBy(() -> in(other, AFAR)).isInstanceOf(CertificateException.class);
    }

    @Test
    void whoRunsItLogsInFromHereWithoutASection() throws Exception {
        write(".ssh/authorized_keys", SshVectors.text("ed25519.pub"));
        door.prepare(config("").ssh()).run();

        assertThat(in(KEY, HERE).identity()).isEqualTo(KEY.key().identity());
        assertThatThrownBy(() -> in(KEY, AFAR)).isInstanceOf(CertificateException.class);
        assertThat(door.files(config("").ssh())).containsExactly(folder.resolve(".ssh/authorized_keys"));
        assertThat(door.files(config("ssh: {authorizedKeys: keys}\n").ssh())).containsExactly(folder.resolve("keys"));
    }

    @Test
    void nobodyLogsInWithoutAKey() throws Exception {
        door.prepare(config("").ssh()).run();
        assertThatThrownBy(() -> in(KEY, HERE)).isInstanceOf(CertificateException.class);
    }

    @Test
    void aFileThatOthersMayWriteSaysNothing() throws Exception {
        Files.setPosixFilePermissions(folder.resolve("keys"), PosixFilePermissions.fromString("rw-rw-r--"));
        assertThatThrownBy(() -> prepare("{authorizedKeys: keys}"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("keys: mode rw-rw-r--: others may say whom to believe");

        write(".ssh/authorized_keys", SshVectors.text("ed25519.pub"));
        Files.setPosixFilePermissions(folder.resolve(".ssh"), PosixFilePermissions.fromString("rwxrwxrwx"));
        door.prepare(config("").ssh()).run();
        assertThatThrownBy(() -> in(KEY, HERE)).isInstanceOf(CertificateException.class);
    }

    @Test
    void whoIsRemovedFromAFileIsOut() throws Exception {
        prepare("{authorizedKeys: keys}");
        EmbeddedChannel channel = live(in(KEY, AFAR), AFAR);
        prepare("{authorizedKeys: keys}");
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isTrue();
        assertThat(door.logins()).isEqualTo(1);

        write("keys", SshVectors.text("other.pub"));
        prepare("{authorizedKeys: keys}");
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(door.logins()).isZero();
    }

    @Test
    void whoMayDoLessFromNowOnIsOut() throws Exception {
        prepare("{authorizedKeys: keys}");
        EmbeddedChannel channel = live(in(KEY, AFAR), AFAR);
        write("keys", "restrict " + SshVectors.text("ed25519.pub"));
        prepare("{authorizedKeys: keys}");
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void whoIsRevokedIsOut() throws Exception {
        write("revoked", "# lost\n" + KEY.key().fingerprint() + "\n");
        prepare("{authorizedKeys: keys}");
        EmbeddedChannel channel = live(in(KEY, AFAR), AFAR);
        prepare("{authorizedKeys: keys, revokedKeys: revoked}");
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(() -> in(KEY, AFAR)).hasMessageContaining("revoked");
    }

    @Test
    void aLoginEndsWithItsCertificate() throws Exception {
        write("ca", SshVectors.text("ca.pub"));
        prepare("{userCa: ca}");
        SshCertificate certificate = SshVectors.certificate("in-time");
        UserKey key = new UserKey(certificate.key(), Optional.of(certificate), "ssh-ed25519");
        EmbeddedChannel channel = live(in(key, AFAR), AFAR);

        now = certificate.until().minusSeconds(1);
        door.sweep();
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isTrue();
        now = certificate.until();
        door.sweep();
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void whoWasRemovedWhileItLoggedInIsOut() throws Exception {
        prepare("{authorizedKeys: keys}");
        Login login = in(KEY, AFAR);
        write("keys", SshVectors.text("other.pub"));
        prepare("{authorizedKeys: keys}");
        assertThat(live(login, AFAR).isOpen()).isFalse();
    }

    @Test
    void authoritiesSpeakForTheirDomains() throws Exception {
        write("ca", "# ours\n" + SshVectors.text("ca.pub") + SshVectors.text("ca-p256.pub"));
        SshCertificate certificate = SshVectors.certificate("account");
        UserKey key = new UserKey(certificate.key(), Optional.of(certificate), "ssh-ed25519");

        prepare("{userCa: {file: ca, domains: cluster.local}}");
        assertThat(in(key, AFAR).identity().name()).isEqualTo("spiffe://cluster.local/ns/shop/sa/web");
        prepare("{userCa: ca}");
        assertThat(in(key, AFAR).identity().name()).isEqualTo("user:web@shop.cluster.local");
    }

    @Test
    void theNodesKeyIsShownUnlessThereIsAnother() throws Exception {
        door.prepare(config("").ssh()).run();
        assertThat(door.hostKey()).isEqualTo(keys.ssh().pair().publicKey());
        assertThat(Door.hostKey(config("").ssh(), keys)).isEqualTo(door.hostKey());

        write("host.key", SshVectors.text("ed25519.key"));
        write("host-cert.pub", SshVectors.text("host-cert.pub"));
        write("id.key", SshVectors.text("rsa.key"));
        prepare("{hostKey: host.key, hostCertificate: host-cert.pub, identity: id.key}");
        assertThat(door.hostKey()).isEqualTo(SshVectors.key("ed25519"));
        assertThat(door.shown(Optional.empty()).hostCertificate()).isPresent();
        assertThat(door.shown(Optional.empty()).identity().publicKey()).isEqualTo(SshVectors.key("rsa"));
    }

    @Test
    void membersAreShownTheSameUntilItIsRenewed() throws Exception {
        door.prepare(config("").ssh()).run();
        SshCredential shown = door.shown(Optional.empty()).member().get();

        assertThat(door.shown(Optional.empty()).member().get()).isSameAs(shown);
        assertThat(shown.host().terms().principals())
                .containsExactly(mesh.name(), mesh.identity().orElseThrow());
        assertThat(shown.notAfter()).isEqualTo(mesh.until().orElseThrow());
        assertThatThrownBy(() -> door.shown(Optional.of("other")).member().get())
                .isInstanceOf(Refused.class);
    }

    @Test
    void whatIsShownToMembersIsSignedOffTheLoop() throws Exception {
        door.prepare(config("").ssh()).run();
        door.sweep();
        assertThat(work).as("nobody was met, nothing to sign").isEmpty();
        mesh.prepare(config("mesh: {suffixes: [.m]}\n")).run();
        door.sweep();
        assertThat(work).hasSize(1);
        work.remove(0).run();
        door.sweep();
        assertThat(work).as("it is there").isEmpty();
    }

    /** Whom the mesh takes back is out of SSH, too: users by what they proved, members by their keys. */
    @Test
    void whoIsRevokedInTheMeshIsOut() throws Exception {
        now = Instant.now();
        write("ca", SshVectors.text("ca.pub"));
        prepare("{userCa: ca}");
        SshCertificate certificate = SshVectors.certificate("ed25519");
        UserKey key = new UserKey(certificate.key(), Optional.of(certificate), "ssh-ed25519");
        for (String line : List.of(
                "ssh-serial:7", "user:alice", certificate.key().identity().name())) {
            EmbeddedChannel channel = live(in(key, AFAR), AFAR);
            revoke(line);
            channel.runPendingTasks();
            assertThat(channel.isOpen()).as(line).isFalse();
            assertThatThrownBy(() -> in(key, AFAR)).hasMessageContaining("revoked");
            revoke("# nobody");
        }
        SshCredential node = door.shown(Optional.empty()).member().get();
        Login member = in(new UserKey(node.key().publicKey(), Optional.of(node.user()), "ssh-ed25519"), AFAR);
        EmbeddedChannel channel = live(member, AFAR);
        assertThat(door.logins()).as("members are none of them").isZero();
        revoke(node.key().publicKey().identity().name());
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    /** T77: it does not matter whether the host is a member, nor which file says so. */
    @Test
    void aHostThatIsRevokedIsLeft() throws Exception {
        write("ca", SshVectors.text("ca.pub"));
        SshCertificate certificate = SshCertificate.parse(SshVectors.text("host-cert.pub"));
        HostPort name = new HostPort("a.example", 22);
        Host certified = new Host(name, certificate.key(), Optional.of(certificate));
        Host plain = new Host(name, KEY.key(), Optional.empty());
        write("known", "a.example " + SshVectors.text("ed25519.pub"));
        prepare("{knownHosts: known}");
        for (Host host : List.of(certified, plain)) {
            EmbeddedChannel other = visited(new Host(name, SshVectors.key("other"), Optional.empty()));
            EmbeddedChannel channel = visited(host);
            revoke("# nobody");
            channel.runPendingTasks();
            assertThat(channel.isOpen()).isTrue();
            revoke(host.key().identity().name());
            channel.runPendingTasks();
            other.runPendingTasks();
            assertThat(channel.isOpen()).isFalse();
            assertThat(other.isOpen()).isTrue();
            assertThat(visited(host).isOpen()).as("revoked while it logged in").isFalse();
            revoke("# nobody");
        }
        assertThat(door.hostsRevoked()).isEqualTo(4);
        for (String line : List.of(
                "ssh-serial:" + certificate.terms().serial(),
                certificate.authority().identity().name())) {
            EmbeddedChannel channel = visited(certified);
            revoke(line);
            channel.runPendingTasks();
            assertThat(channel.isOpen()).as(line).isFalse();
            revoke("# nobody");
        }
        EmbeddedChannel channel = visited(plain);
        EmbeddedChannel elsewhere = visited(new Host(new HostPort("b.example", 22), KEY.key(), Optional.empty()));
        write("known", "@revoked a.example " + SshVectors.text("ed25519.pub"));
        prepare("{knownHosts: known}");
        channel.runPendingTasks();
        elsewhere.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(elsewhere.isOpen()).as("the line is about another host").isTrue();
        assertThat(door.hostsRevoked()).isEqualTo(7);
    }

    private EmbeddedChannel visited(Host host) {
        EmbeddedChannel channel = new EmbeddedChannel();
        door.met(channel, host);
        channel.runPendingTasks();
        return channel;
    }

    private void revoke(String line) throws IOException {
        write("over", line + "\n");
        mesh.prepare(config("mesh: {revoked: over}\n")).run();
        prepare("{userCa: ca}");
    }

    @Test
    void filesThatCannotBeUsedChangeNothing() throws Exception {
        prepare("{authorizedKeys: keys}");
        write("host.key", SshVectors.text("p256.key"));
        write("other.key", SshVectors.text("other.key"));
        write("cert.pub", SshVectors.text("host-cert.pub"));
        write("user.pub", SshVectors.text("ed25519-cert.pub"));
        write("empty", "# nobody\n");
        for (String[] wrong : new String[][] {
            {"{hostKey: host.key}", "expected an Ed25519 key"},
            {"{hostKey: other.key, hostCertificate: cert.pub}", "of another key"},
            {"{hostCertificate: user.pub}", "certificate of a user"},
            {"{hostCertificate: keys}", "certificate ssh-ed25519"},
            {"{userCa: empty}", "expected public keys"},
            {"{userCa: cert.pub}", "cert.pub: no public key: key ssh-ed25519-cert-v01@openssh.com: not taken"},
            {"{revokedKeys: other.key}", "other.key: no public key: "}
        }) {
            assertThatThrownBy(() -> prepare(wrong[0]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(wrong[1])
                    .hasMessageStartingWith("file " + folder);
        }
        assertThat(in(KEY, AFAR).identity()).isEqualTo(KEY.key().identity());
    }

    @Test
    void hostsAreKnownByFiles() throws Exception {
        write("one", "a.example " + SshVectors.text("ed25519.pub"));
        write("two", "b.example " + SshVectors.text("ed25519.pub"));
        prepare("{knownHosts: [one, two]}");
        assertThat(door.knownHosts().judge(new HostPort("b.example", 22), KEY.key()))
                .isEqualTo(Verdict.TRUSTED);
        assertThat(door.knownHosts().judge(new HostPort("c.example", 22), KEY.key()))
                .isEqualTo(Verdict.UNKNOWN);
    }
}
