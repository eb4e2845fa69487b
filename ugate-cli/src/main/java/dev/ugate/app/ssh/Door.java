package dev.ugate.app.ssh;

import dev.ugate.app.mesh.MeshNode;
import dev.ugate.config.ssh.SshConfig;
import dev.ugate.config.ssh.SshOffers;
import dev.ugate.gate.Snapshot;
import dev.ugate.identity.Credential;
import dev.ugate.identity.KeyStore;
import dev.ugate.identity.SshCredential;
import dev.ugate.identity.SshNodeKey;
import dev.ugate.model.ssh.KnownHosts;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.ssh.SshPrivateKey;
import dev.ugate.net.pool.RequestCounts;
import dev.ugate.net.tls.MeshVerifier;
import dev.ugate.protocols.ssh.Ssh;
import dev.ugate.protocols.ssh.auth.Host;
import dev.ugate.protocols.ssh.auth.Keyring;
import dev.ugate.protocols.ssh.auth.Login;
import dev.ugate.protocols.ssh.auth.Party;
import dev.ugate.protocols.ssh.client.SshTransport;
import dev.ugate.protocols.ssh.kex.Algorithms;
import dev.ugate.protocols.ssh.kex.Terms;
import dev.ugate.protocols.ssh.program.Commands;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Settings;
import dev.ugate.spi.Transport;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as one end of SSH: what it shows, whom it lets in and whom it believes, replaced whole when files change, and who is in.
 * Changed by one thread at a time, read by any.
 */
public final class Door implements Party {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);
    private static final int MOST_CREDENTIALS = 64;

    private final MeshNode mesh;
    private final KeyStore keys;
    private final SshTransport.Means means;
    private final Path home;
    private final Snapshot<Optional<State>> state = new Snapshot<>(Optional.empty());
    private final Map<Shape, SshCredential> credentials = new ConcurrentHashMap<>();
    private final Live live;
    private volatile Runnable renewing = () -> {};

    private record State(SshFiles files, Keyring keyring, SshNodeKey own, SshOffers offers, Algorithms algorithms) {
        /** Whatever the host key is. */
        SshPrivateKey hostKey() {
            return files.hostKey().orElseGet(own::pair);
        }
    }

    /** Who is in here, and where this process is in. */
    private record Live(LiveLogins logins, LiveHosts hosts) {}

    /** What a certificate of the mesh is made of. */
    private record Shape(Credential of, SshKey key) {}

    /** {@code home} is that of who runs this process. */
    public Door(MeshNode mesh, KeyStore keys, InstantSource clock, Path home, Executor arithmetic) {
        this.mesh = mesh;
        this.keys = keys;
        this.means = new SshTransport.Means(clock, Terms.seeded(), arithmetic);
        this.home = home;
        this.live = new Live(new LiveLogins(clock, keyring(Keyring.Keys.NONE)), new LiveHosts());
    }

    private Keyring keyring(Keyring.Keys of) {
        return new Keyring(of, mesh.verifier(), mesh::revocations, means.clock());
    }

    /**
     * Reads what a configuration names; the answer makes it true, and ends what lives and is let in no longer. Throws {@link IOException}
     * that names the file. Blocks; not for a loop.
     */
    public Runnable prepare(SshConfig config) throws IOException {
        SshFiles files = SshFiles.read(config, home);
        State next = new State(
                files, keyring(files.keys()), keys.ssh(), config.offers(), Algorithms.of(config.keyExchange()));
        if (files.hostCertificate()
                .filter(one -> !one.key().equals(next.hostKey().publicKey()))
                .isPresent()) {
            throw new IOException("file " + config.shown().hostCertificate().orElseThrow()
                    + ": of another key: expected that of " + next.hostKey().publicKey());
        }
        return () -> {
            files.problems()
                    .forEach(problem ->
                            LOG.atWarn().addKeyValue("error", problem).log("ssh: line left out"));
            state.replace(Optional.of(next));
            certify();
            live.logins.judge(next.keyring);
            live.hosts.judge(host -> host.isRevoked(files.hosts(), next.keyring));
        };
    }

    /** Every file that is read again when it changes. */
    public List<Path> files(SshConfig config) {
        List<Path> files = config.files();
        if (config.ownKeys()) {
            files.add(SshFiles.ownFile(home));
        }
        return files;
    }

    private State state() {
        return state.read().orElseThrow(() -> new IllegalStateException("ssh: not begun"));
    }

    /** What guests may have of this machine beside streams. */
    public SshOffers offers() {
        return state().offers;
    }

    /** What their sessions run. */
    public Commands commands() {
        return live.logins.commands();
    }

    /** What lets guests into {@code house}. */
    public Ssh server(Ssh.House house) {
        return new Ssh(this, house, means.random(), means.arithmetic());
    }

    /** The carrier of SSH over {@code below}, whose connections are counted. */
    public SshTransport carrier(Transport below, Supplier<Settings> settings, RequestCounts counts) {
        var carrier = new SshTransport(below, this, settings, mesh.proofs(), counts, means);
        renewing = () -> carrier.sweep(means.clock().instant());
        return carrier;
    }

    /** Ends what is over, and shows what was renewed; one thread asks, about once a second. */
    public void sweep() {
        try {
            live.logins.sweep();
            if (isCertified()) {
                renewing.run();
            } else {
                means.arithmetic().execute(this::certify);
            }
        } catch (RuntimeException e) {
            // The timer would not come back.
            LOG.atError().setCause(e).log("bug");
        }
    }

    @Override
    public Keyring keyring() {
        return state().keyring;
    }

    @Override
    public KnownHosts knownHosts() {
        return state().files.hosts();
    }

    @Override
    public Algorithms algorithms() {
        return state().algorithms;
    }

    @Override
    public MeshVerifier verifier() {
        return mesh.verifier();
    }

    @Override
    public Shown shown(Optional<String> workload) {
        State now = state();
        return new Shown(
                now.hostKey(),
                now.files.hostCertificate(),
                () -> member(workload, now.hostKey()),
                now.files.identity().orElseGet(now.own::pair));
    }

    private SshCredential member(Optional<String> workload, SshPrivateKey key) {
        return certified(mesh.credential(workload), key);
    }

    /** Made once for each credential, so that who compares them finds them the same. */
    private SshCredential certified(Credential credential, SshPrivateKey key) {
        if (credentials.size() > MOST_CREDENTIALS) {
            credentials.clear();
        }
        return credentials.computeIfAbsent(
                new Shape(credential, key.publicKey()),
                shape -> SshCredential.of(
                        credential,
                        key,
                        List.of(mesh.name(), credential.identity().name())));
    }

    /** Whether whoever is met next costs no signature. */
    private boolean isCertified() {
        if (state.read().isEmpty()) {
            return true;
        }
        SshKey key = hostKey();
        return mesh.credentials().stream().allMatch(each -> credentials.containsKey(new Shape(each, key)));
    }

    /** Signs what members will be shown, before a loop has to. */
    private void certify() {
        SshPrivateKey key = state().hostKey();
        mesh.credentials().forEach(each -> certified(each, key));
    }

    @Override
    public void met(Channel connection, Login login) {
        login.member().ifPresent(proof -> mesh.proofs().add(connection, proof));
        live.logins.add(connection, login, Connection.of(connection).peer());
    }

    @Override
    public void met(Channel connection, Host host) {
        live.hosts.add(connection, host);
    }

    /** How many logins of others than members are live. */
    public int logins() {
        return live.logins.count();
    }

    /** How many connections to hosts were ended because the host was revoked. */
    public long hostsRevoked() {
        return live.hosts.left();
    }

    /** The key that clients see. */
    public SshKey hostKey() {
        return state().hostKey().publicKey();
    }

    /** The same of a node that does not run; throws {@link IOException} that names the file. Blocks. */
    public static SshKey hostKey(SshConfig config, KeyStore keys) throws IOException {
        return config.shown().hostKey().isPresent()
                ? SecretFile.key(config.shown().hostKey().get()).publicKey()
                : keys.ssh().pair().publicKey();
    }
}
