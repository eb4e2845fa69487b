package dev.ugate.protocols.ssh.auth;

import dev.ugate.identity.Credential;
import dev.ugate.identity.NodeKey;
import dev.ugate.identity.Revocations;
import dev.ugate.identity.SshCredential;
import dev.ugate.identity.Trust;
import dev.ugate.model.Peer;
import dev.ugate.model.ssh.AuthorizedKeys;
import dev.ugate.model.ssh.KnownHosts;
import dev.ugate.model.ssh.SshCertificate;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.net.tls.MeshVerifier;
import dev.ugate.testing.SshVectors;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One end of SSH that believes what a test says. */
final class Tester implements Party {
    static final Instant NOW = Instant.parse("2026-01-15T00:00:00Z");
    static final InstantSource CLOCK = InstantSource.fixed(NOW);
    static final Peer AFAR = Peer.of(new InetSocketAddress("192.0.2.9", 4000), new InetSocketAddress("192.0.2.1", 22));
    static final Peer HERE = Peer.of(new InetSocketAddress("127.0.0.1", 4000), new InetSocketAddress("127.0.0.1", 22));

    final SshPrivateKey host = SshPrivateKey.ed25519(new byte[32]);
    final NodeKey node = NodeKey.generate();
    final List<Login> met = new ArrayList<>();
    final List<Host> visited = new ArrayList<>();
    private final Trust trust = new Trust(Map.of(), java.time.Clock.fixed(NOW, ZoneOffset.UTC));
    private Keyring.Keys keys = Keyring.Keys.NONE;
    private Revocations over = Revocations.NONE;
    private KnownHosts hosts = KnownHosts.NONE;
    private Optional<SshCertificate> hostCertificate = Optional.empty();
    private SshPrivateKey identity = SshVectors.secret("ed25519");

    /** Lines of authorized keys. */
    Tester authorizing(String lines) {
        return with(new Keyring.Keys(entries(lines), List.of(), "", Map.of(), Set.of()));
    }

    Tester with(Keyring.Keys others) {
        keys = others;
        return this;
    }

    /** User certificates of the authority of that name. */
    Tester believing(String authority, String... domains) {
        return with(new Keyring.Keys(
                List.of(), List.of(), "", Map.of(SshVectors.key(authority), Set.of(domains)), Set.of()));
    }

    Tester knowing(String lines) {
        hosts = KnownHosts.parse(lines);
        return this;
    }

    Tester certified(SshCertificate certificate) {
        hostCertificate = Optional.of(certificate);
        return this;
    }

    /** From now on these lines are revoked everywhere. */
    Tester revoking(String lines) {
        over = Revocations.parse(lines.getBytes(StandardCharsets.UTF_8), Trust.NOBODY);
        return this;
    }

    Tester showing(SshPrivateKey key) {
        identity = key;
        return this;
    }

    static List<AuthorizedKeys.Entry> entries(String lines) {
        AuthorizedKeys read = AuthorizedKeys.parse(lines);
        if (!read.problems().isEmpty()) {
            throw new AssertionError(read.problems());
        }
        return read.entries();
    }

    static SshKey key(String name) {
        return SshVectors.key(name);
    }

    /** What this end's node shows members of the mesh. */
    SshCredential member() {
        return member(node, host, NOW);
    }

    static SshCredential member(NodeKey node, SshPrivateKey key, Instant since) {
        return SshCredential.of(
                Credential.selfCertified(node, node.name(".m"), since, Credential.LIFE), key, List.of(node.name(".m")));
    }

    @Override
    public Keyring keyring() {
        return new Keyring(keys, verifier(), () -> over, CLOCK);
    }

    @Override
    public KnownHosts knownHosts() {
        return hosts;
    }

    @Override
    public MeshVerifier verifier() {
        return trust::verify;
    }

    @Override
    public Shown shown(Optional<String> workload) {
        return new Shown(host, hostCertificate, this::member, identity);
    }

    @Override
    public void met(Channel connection, Login login) {
        met.add(login);
    }

    @Override
    public void met(Channel connection, Host host) {
        visited.add(host);
    }
}
