package dev.ugate.config.mesh;

import static dev.ugate.config.yaml.Kind.key;
import static dev.ugate.config.yaml.Kind.mapping;

import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Mapping;
import dev.ugate.config.yaml.Kind.OneOrMany;
import dev.ugate.config.yaml.Kind.Sequence;
import dev.ugate.model.Glob;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.x509.SpiffeId;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The keys of the section {@code mesh}.
 *
 * @param path form of a file name
 * @param name form of a name in logs
 * @param host form of a host name
 * @param target form of host:port
 * @param identity form of one identity
 * @param peer form of a pattern for peers
 */
public record MeshKeys(Kind path, Kind name, Kind host, Kind target, Kind identity, Kind peer) {
    /** The form of a node's key. */
    public static final Kind PUBLIC_KEY =
            Kind.string("Base64 of a 65-byte key", "^[A-Za-z0-9+/]{87}=?$", PublicKey::new);

    private static final Kind SUFFIX = Kind.string("a suffix such as .m", "^\\.[A-Za-z0-9_.-]+$", MeshKeys::suffix);
    /** The form of a trust domain. */
    public static final Kind DOMAIN =
            Kind.string("a trust domain such as cluster.local", "^[a-z0-9._-]{1,255}$", MeshKeys::domain);

    private static final Kind GLOB = Kind.string("a name, *.domain or *", "", Glob::new);
    private static final Kind MODE = new Kind.Word(
            List.of("strict", "audit"), Map.of("strict", Mesh.Mode.STRICT, "audit", Mesh.Mode.AUDIT), Map.of());

    /** {@code later} are words that another release brings. */
    public Mapping mesh(Kind cidr, Kind listener, Map<String, String> later) {
        return mapping(
                key(
                        "suffixes",
                        new Sequence(SUFFIX, true),
                        "of names in the mesh; default those of E20: .m and others"),
                key("cidrs", new Sequence(cidr, true), "addresses in the mesh; default fd00::/64, those of node keys"),
                key("mode", MODE, "whether what would leave in the clear is refused or only told of; default strict"),
                key(
                        "carriers",
                        new Sequence(Kind.words(CarrierWords.MESH, later), false),
                        "ways to endpoints that name none, best first; default hbone"),
                key("trust", new Sequence(anchor(), true), "whom to believe, per trust domain"),
                key(
                        "certificate",
                        mapping(chain(), privateKey("default the node's own")),
                        "what this node shows; default its own key, self-certified"),
                key("revoked", path, "file of identities and serials, one a line, or CRLs of roots and intermediates"),
                key(
                        "seal",
                        mapping(key("file", path, "its content seals the key").asRequired()),
                        "seals the node's key on disk; default a systemd credential ugate-key, or $UGATE_SEAL_KEY"),
                key("workloads", new Sequence(workload(listener), true), "identities beside the node's own"),
                key("reverse", new Sequence(reverse(), true), "gateways at which this node makes itself reachable"),
                key(
                        "reverseNames",
                        new Sequence(reverseNames(), true),
                        "names by which nodes may make themselves reachable here, beside those of their own keys"));
    }

    private Mapping anchor() {
        return mapping(
                key("domain", DOMAIN, "of the SPIFFE ids").asRequired(),
                key("bundle", path, "PEM of its roots").asRequired());
    }

    private Mapping workload(Kind listener) {
        return mapping(
                key("name", name, "in logs").asRequired(),
                chain(),
                privateKey("").asRequired(),
                key("from", new OneOrMany(peer), "peers whose streams go out under it; default every peer"),
                key(
                        "listeners",
                        new OneOrMany(listener),
                        "addresses of listeners whose streams do; default every one"));
    }

    private Mapping reverse() {
        return mapping(
                key("gateway", target, "host:port to keep a connection open to").asRequired(),
                key("identity", identity, "whom it must prove to be; default anybody trusted"),
                key("names", new OneOrMany(host), "wanted beside the node's own name"));
    }

    private Mapping reverseNames() {
        return mapping(
                key("name", GLOB, "name or *.domain").asRequired(),
                key("from", new OneOrMany(peer), "who may have it").asRequired());
    }

    private Kind.Key chain() {
        return key("cert", path, "PEM of the chain, leaf first").asRequired();
    }

    private Kind.Key privateKey(String otherwise) {
        return key("key", path, "PEM of the private key, mode 0600" + (otherwise.isEmpty() ? "" : "; " + otherwise));
    }

    private static String suffix(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (!lower.matches("(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)+") || lower.length() > 200) {
            throw new IllegalArgumentException("suffix '" + text + "': expected labels, each after a dot, such as .m");
        }
        return lower;
    }

    private static String domain(String text) {
        if (!SpiffeId.isDomain(text)) {
            throw new IllegalArgumentException(
                    "trust domain '" + text + "': expected lower case letters, digits, '.', '_' or '-'");
        }
        return text;
    }
}
