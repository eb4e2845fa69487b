package dev.ugate.config.mesh;

import dev.ugate.model.Glob;
import dev.ugate.model.HostPort;
import dev.ugate.model.Peer;
import dev.ugate.model.mesh.Mesh;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The section {@code mesh}: what belongs to the mesh, whom this node believes, and what it shows.
 *
 * @param trust bundles of the trust domains; nobody of another domain is believed
 * @param certificate what the node shows instead of a certificate of its own key
 * @param revoked a list of identities and serials, or CRLs
 * @param seal a file whose content seals the node's key on disk
 * @param workloads files of the identities in {@link Mesh#workloads}, by their names
 * @param reverse gateways at which this node makes itself reachable
 * @param reverseNames by which others may make themselves reachable here
 */
public record MeshConfig(
        Mesh mesh,
        List<Anchor> trust,
        Optional<KeyFiles> certificate,
        Optional<Path> revoked,
        Optional<Path> seal,
        Map<String, KeyFiles> workloads,
        List<Reverse> reverse,
        List<ReverseNames> reverseNames) {
    public static final MeshConfig STANDARD = new MeshConfig(
            Mesh.STANDARD,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            List.of(),
            List.of());

    /**
     * Whom a trust domain believes.
     *
     * @param domain of SPIFFE ids: {@code cluster.local}
     * @param bundle PEM of its roots
     */
    public record Anchor(String domain, Path bundle) {}

    /**
     * A certificate and its key, as PEM files that are read again when they change.
     *
     * @param cert the chain, leaf first
     * @param key private, readable by its owner only; empty for the node's own
     */
    public record KeyFiles(Path cert, Optional<Path> key) {
        List<Path> files() {
            return Stream.concat(Stream.of(cert), key.stream()).toList();
        }
    }

    /**
     * A gateway to keep a connection open to.
     *
     * @param identity whom it must prove to be; empty for any identity that is trusted
     * @param names under which this node wants to be reached there, beside its own
     */
    public record Reverse(HostPort gateway, Optional<String> identity, List<String> names) {
        public Reverse {
            names = List.copyOf(names);
        }
    }

    /**
     * Names that nodes may have here beside those of their own keys.
     *
     * @param from who may have them
     */
    public record ReverseNames(Glob name, List<Peer.Pattern> from) {
        public ReverseNames {
            from = List.copyOf(from);
        }
    }

    public MeshConfig {
        trust = List.copyOf(trust);
        workloads = Map.copyOf(workloads);
        reverse = List.copyOf(reverse);
        reverseNames = List.copyOf(reverseNames);
    }

    /** Every file that is read again when it changes; the key that seals is not one. */
    public List<Path> files() {
        List<Path> files = new ArrayList<>();
        trust.forEach(anchor -> files.add(anchor.bundle()));
        certificate.ifPresent(one -> files.addAll(one.files()));
        revoked.ifPresent(files::add);
        workloads.values().forEach(one -> files.addAll(one.files()));
        return files;
    }
}
