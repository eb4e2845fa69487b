package dev.ugate.app.mesh;

import dev.ugate.config.mesh.MeshConfig;
import dev.ugate.identity.Credential;
import dev.ugate.identity.NodeKey;
import dev.ugate.model.HostPort;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.model.x509.PublicKeys;
import dev.ugate.net.tls.MeshCertificates.Member;
import dev.ugate.net.tls.MeshContexts;
import dev.ugate.net.tls.MeshContexts.Shown;
import dev.ugate.net.tls.MeshVerifier;
import dev.ugate.spi.Ingress;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * What the node shows at one moment, for itself and for its workloads.
 *
 * @param own empty while nobody was met to show it to: it costs a start half a second and 16 MB with what it needs
 * @param contexts empty until they are made
 */
record Showing(
        MeshConfig config,
        NodeId id,
        Optional<Credential> own,
        Map<String, Credential> workloads,
        Optional<MeshContexts> contexts) {
    private static final int ANY_PORT = 1;

    Showing {
        workloads = Map.copyOf(workloads);
    }

    /** Reads the files of a configuration; the node certifies itself where there is none for it. */
    static Showing read(MeshConfig config, NodeKey key, Instant now) throws IOException {
        Map<String, Credential> workloads = new HashMap<>();
        for (Map.Entry<String, MeshConfig.KeyFiles> files : config.workloads().entrySet()) {
            workloads.put(files.getKey(), read(files.getValue(), key));
        }
        Credential own = config.certificate().isPresent()
                ? read(config.certificate().get(), key)
                : selfCertified(config, key, now);
        return new Showing(config, key.id(), Optional.of(own), workloads, Optional.empty());
    }

    /** What there is before the first member is met. */
    static Showing asleep(MeshConfig config, NodeKey key) {
        return new Showing(config, key.id(), Optional.empty(), Map.of(), Optional.empty());
    }

    /** What the node is called. */
    String name() {
        return id.text().toLowerCase(Locale.ROOT) + suffix(config);
    }

    /** The id of the key that is shown. */
    NodeId shownId() {
        return own.map(credential -> NodeId.of(
                        PublicKeys.marshalled(credential.chain().get(0).getPublicKey())))
                .orElse(id);
    }

    boolean isAsleep() {
        return own.isEmpty();
    }

    private static Credential read(MeshConfig.KeyFiles files, NodeKey key) throws IOException {
        return files.key().isPresent()
                ? Credential.read(files.cert(), files.key().get())
                : Credential.read(files.cert(), key);
    }

    private static Credential selfCertified(MeshConfig config, NodeKey key, Instant now) {
        return Credential.selfCertified(key, key.name(suffix(config)), now, Credential.LIFE);
    }

    /** What the names of nodes end in. */
    static String suffix(MeshConfig config) {
        List<String> suffixes = config.mesh().suffixes();
        return suffixes.isEmpty() ? Mesh.STANDARD.suffixes().get(0) : suffixes.get(0);
    }

    /** The same with another certificate of the node's own making. */
    static Showing renewed(Showing old, NodeKey key, Instant now) {
        Credential own = selfCertified(old.config, key, now);
        return new Showing(old.config, old.id, Optional.of(own), old.workloads, Optional.empty());
    }

    /**
     * Keeps what did not change since {@code before}, so that connections go on as if nothing had happened: contexts of the same
     * credentials, and a certificate of the node's own making.
     */
    Showing asBefore(Optional<Showing> before) {
        if (before.isEmpty()) {
            return this;
        }
        Showing old = before.get();
        boolean selfMade =
                config.certificate().isEmpty() && old.config.certificate().isEmpty();
        Optional<Credential> kept = selfMade && id.equals(old.id) ? old.own.or(() -> own) : own;
        boolean same = kept.equals(old.own) && workloads.equals(old.workloads);
        return new Showing(config, id, kept, workloads, same ? old.contexts : Optional.empty());
    }

    Showing made(MeshVerifier verifier, List<String> alpn) throws IOException {
        Map<String, Shown> others = new HashMap<>();
        workloads.forEach((name, credential) -> others.put(name, shown(credential)));
        Credential first = own.orElseThrow();
        try {
            return new Showing(
                    config, id, own, workloads, Optional.of(MeshContexts.of(shown(first), others, verifier, alpn)));
        } catch (SSLException e) {
            throw new IOException("certificate of " + first.identity() + ": " + e.getMessage(), e);
        }
    }

    private static Shown shown(Credential credential) {
        return new Shown(credential.key(), credential.chain());
    }

    Member member(Supplier<Optional<MeshContexts>> awake) {
        return new Member(awake, this::isOurs, this::workload);
    }

    /** A name that says a node's id is that node's alone. */
    private boolean isOurs(String host) {
        Mesh mesh = config.mesh();
        return mesh.node(host).map(id::equals).orElseGet(() -> mesh.includes(new HostPort(host, ANY_PORT)));
    }

    private Optional<String> workload(Ingress listener) {
        return config.mesh().workloads().stream()
                .filter(workload ->
                        workload.from().isEmpty() && workload.listeners().contains(listener.name()))
                .map(Mesh.Workload::name)
                .findFirst();
    }
}
