package dev.ugate.app.mesh;

import dev.ugate.config.Config;
import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.gate.Snapshot;
import dev.ugate.gate.mesh.Vips;
import dev.ugate.identity.Credential;
import dev.ugate.identity.KeyStore;
import dev.ugate.identity.NodeKey;
import dev.ugate.identity.Revocations;
import dev.ugate.identity.SelfTest;
import dev.ugate.model.Carrier;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Route;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.ssh.SshKey;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.net.tls.Certificates;
import dev.ugate.net.tls.LiveProofs;
import dev.ugate.net.tls.MeshCertificates;
import dev.ugate.net.tls.MeshContexts;
import dev.ugate.net.tls.MeshTlsTransport;
import dev.ugate.net.tls.MeshVerifier;
import dev.ugate.spi.Transport;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as a member of the mesh: what it shows and whom it believes, replaced whole when files change and when its own certificate
 * is half over, and the connections that live on it. Changed by one thread at a time, read by any.
 */
public final class MeshNode {
    private static final Logger LOG = LoggerFactory.getLogger(MeshNode.class);

    private final KeyStore keys;
    private final Clock clock;
    private final List<String> alpn;
    private final LiveProofs proofs;
    private final Snapshot<Beliefs> beliefs = new Snapshot<>(Beliefs.NONE);
    private final Snapshot<Optional<Showing>> showing = new Snapshot<>(Optional.empty());
    private final MeshVerifier verifier = (chain, end) -> this.beliefs.read().verify(chain, end);
    private volatile Instant renewal = Instant.MAX;

    /** {@code alpn} is what accepted connections may speak, in order of preference; {@code vips} learns who is connected. */
    public MeshNode(KeyStore keys, Clock clock, List<String> alpn, Vips vips) {
        this.keys = keys;
        this.clock = clock;
        this.alpn = alpn;
        this.proofs = new LiveProofs(
                clock,
                proof -> vips.learn(PublicKeys.marshalled(proof.chain().get(0).getPublicKey()))::forget);
    }

    /**
     * Reads what a configuration names; the answer makes it true, and ends what lives and is believed no longer. Throws {@link IOException}
     * that names the file. Blocks; not for a loop.
     */
    public Runnable prepare(MeshConfig config) throws IOException {
        return prepare(config, false);
    }

    /** The same; where the configuration means no member of a mesh, what is shown is made when one is met nevertheless. */
    public Runnable prepare(Config config) throws IOException {
        return prepare(config.mesh(), !meansMembers(config));
    }

    private static boolean meansMembers(Config config) {
        Stream<Route.Destination> services =
                config.discovery().services().stream().flatMap(service -> service.endpoints().stream());
        Stream<Route.Destination> routes = config.routes().stream()
                .map(Route::action)
                .filter(Route.Forward.class::isInstance)
                .flatMap(action -> ((Route.Forward) action).to().stream());
        return !config.mesh().equals(MeshConfig.STANDARD)
                || config.listeners().stream()
                        .anyMatch(listener -> listener.protocols().contains("hbone"))
                || Stream.concat(services, routes)
                        .anyMatch(to -> to.via().stream().anyMatch(Carrier::proves));
    }

    private synchronized Runnable prepare(MeshConfig config, boolean asleep) throws IOException {
        NodeKey key = keys.key();
        Optional<Showing> before = showing.read();
        if (before.isEmpty()) {
            keys.warning().ifPresent(LOG::warn);
        }
        Beliefs read = Beliefs.read(config, clock);
        Showing shown = asleep && before.filter(now -> !now.isAsleep()).isEmpty()
                ? Showing.asleep(config, key)
                : made(Showing.read(config, key, clock.instant()).asBefore(before));
        return () -> {
            Beliefs next = read.after(beliefs.read());
            beliefs.replace(next);
            show(shown);
            proofs.revoke(next::over);
        };
    }

    private Showing made(Showing next) throws IOException {
        if (next.contexts().isPresent()) {
            return next;
        }
        SelfTest.run(keys.key().publicKey());
        return next.made(verifier, alpn);
    }

    /** Whether nothing was made yet of what a member would be shown. */
    boolean isAsleep() {
        return showing.read().filter(Showing::isAsleep).isPresent();
    }

    private synchronized void wake() {
        try {
            Optional<Showing> now = showing.read().filter(Showing::isAsleep);
            if (now.isPresent()) {
                show(made(Showing.read(now.get().config(), keys.key(), clock.instant())));
            }
        } catch (IOException e) {
            LOG.atError().addKeyValue("error", e.getMessage()).log("nothing to show to members of the mesh");
        }
    }

    private synchronized void show(Showing next) {
        showing.replace(Optional.of(next));
        // Files are replaced by whoever wrote them.
        renewal = next.config().certificate().isPresent()
                ? Instant.MAX
                : next.own()
                        .map(own -> own.renewAt(clock.instant(), RandomGenerator.getDefault()))
                        .orElse(Instant.MAX);
    }

    /**
     * The carrier of mesh TLS over {@code below}. From now on live connections and the node's own certificate are looked after, which is
     * renewed on {@code blocking}.
     */
    public Transport begin(Transport below, EventExecutor timer, Executor blocking) {
        var transport = new MeshTlsTransport(below, this::contexts, proofs);
        timer.scheduleWithFixedDelay(() -> look(transport, blocking), 1, 1, TimeUnit.SECONDS);
        return transport;
    }

    private void look(MeshTlsTransport transport, Executor blocking) {
        try {
            proofs.sweep();
            if (!isAsleep()) {
                transport.sweep(clock.instant());
            }
            if (!clock.instant().isBefore(renewal)) {
                blocking.execute(this::renewWhenDue);
            }
        } catch (RuntimeException e) {
            // The timer would not come back.
            LOG.atError().setCause(e).log("bug");
        }
    }

    private synchronized void renewWhenDue() {
        Instant now = clock.instant();
        Optional<Showing> old = showing.read();
        if (now.isBefore(renewal) || old.isEmpty()) {
            return;
        }
        try {
            show(made(Showing.renewed(old.get(), keys.key(), now)));
            LOG.atInfo().addKeyValue("until", until()).log("certificate of the node renewed");
        } catch (IOException | IllegalStateException e) {
            renewal = now.plusSeconds(1);
            LOG.atWarn().addKeyValue("error", e.getMessage()).log("certificate of the node not renewed");
        }
    }

    /** The files' certificates, and those of the mesh. */
    public Certificates certificates(Supplier<Certificates> files) {
        return new MeshCertificates(
                files,
                () -> showing.read().map(now -> now.member(this::contexts)).orElse(MeshCertificates.Member.NONE),
                proofs);
    }

    private Optional<MeshContexts> contexts() {
        if (isAsleep()) {
            wake();
        }
        return showing.read().flatMap(Showing::contexts);
    }

    /**
     * What proves the node, or one of its workloads, to members of the mesh, made when that was not needed before. Throws
     * {@link Refused} INTERNAL for a workload without one.
     */
    public Credential credential(Optional<String> workload) {
        if (isAsleep()) {
            wake();
        }
        return showing.read()
                .flatMap(now -> workload.isEmpty()
                        ? now.own()
                        : Optional.ofNullable(now.workloads().get(workload.get())))
                .orElseThrow(() -> Refused.because(
                        Refusal.INTERNAL, "workload " + workload.orElse("of the node") + ": no credential"));
    }

    /** What proves the node and its workloads at this moment; nothing before that was needed. */
    public List<Credential> credentials() {
        return showing.read().stream()
                .flatMap(now -> Stream.concat(now.own().stream(), now.workloads().values().stream()))
                .toList();
    }

    /** The node's own name in the mesh. */
    public String name() {
        return showing.read().map(Showing::name).orElse("");
    }

    /** Whom the node believes at this moment. */
    public MeshVerifier verifier() {
        return verifier;
    }

    /** Who is not believed any more at this moment. */
    public Revocations revocations() {
        return beliefs.read().revocations();
    }

    /** Whom the node proves to be, in the form of rules. */
    public Optional<String> identity() {
        return showing.read()
                .map(now -> now.own()
                        .map(own -> own.identity().name())
                        .orElse(now.id().identity()));
    }

    /** The id of the key that the node proves itself with: its own, unless its certificate is of another. */
    public Optional<NodeId> id() {
        return showing.read().map(Showing::shownId);
    }

    /** Until when what the node shows is good. */
    public Optional<Instant> until() {
        return showing.read()
                .map(now -> now.own()
                        .map(Credential::notAfter)
                        .orElse(clock.instant().plus(Credential.LIFE)));
    }

    /** Seconds until what the node shows is over; less than nothing when it is, and nothing without. */
    public long secondsLeft() {
        return until().map(end -> Duration.between(clock.instant(), end).toSeconds())
                .orElse(0L);
    }

    /** What the node tells of itself and of its host key; throws {@link IOException} when its key cannot be read. Blocks; not for a loop. */
    public Passport passport(SshKey host) throws IOException {
        Showing now = showing.read().orElseThrow(() -> new IOException("mesh: not begun: expected a running instance"));
        return now.isAsleep()
                ? Passport.of(now.config(), keys, host, clock.instant())
                : Passport.of(now.config(), keys.key(), host, now.own().orElseThrow());
    }

    public LiveProofs proofs() {
        return proofs;
    }

    /** What an operator should know about how the node's key is kept. */
    public Optional<String> warning() {
        return keys.warning();
    }
}
