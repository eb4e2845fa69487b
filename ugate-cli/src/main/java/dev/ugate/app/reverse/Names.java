package dev.ugate.app.reverse;

import dev.ugate.config.Config;
import dev.ugate.gate.Snapshot;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.net.reverse.Reverse;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What this node is called by itself, and who may be called what here; as the configuration says now. */
public final class Names {
    private final Supplier<Optional<String>> node;
    private final Supplier<Optional<NodeId>> key;
    private final Snapshot<Claims> claims;

    /** {@code node} is whom this node proves to be, {@code key} the id of the key that it proves that with. */
    public Names(Config config, Supplier<Optional<String>> node, Supplier<Optional<NodeId>> key) {
        this.node = node;
        this.key = key;
        this.claims = new Snapshot<>(claims(config));
    }

    private static Claims claims(Config config) {
        return new Claims(
                config.mesh().mesh(),
                config.mesh().reverseNames(),
                config.limits().reverse());
    }

    public void become(Config config) {
        claims.replace(claims(config));
    }

    /** What peers may be called. */
    public Reverse.Terms terms() {
        return claims.read();
    }

    /** The names that stand for whoever holds the key that this node shows, under every suffix; a certificate takes none away. */
    public Set<String> own() {
        Set<String> names = new HashSet<>();
        key.get().ifPresent(id -> {
            String label = id.text().toLowerCase(Locale.ROOT);
            mesh().suffixes().forEach(suffix -> names.add(label + suffix));
        });
        return names;
    }

    /** The one of them that a gateway lets this node have without a rule; none where it proves to be somebody else than its key. */
    Optional<String> claimed() {
        // One of the suffixes is enough to be found by.
        return node.get()
                .filter(name -> name.startsWith(NodeId.FORM))
                .flatMap(name -> own().stream().min(Comparator.comparingInt(String::length)));
    }

    Mesh mesh() {
        return claims.read().mesh();
    }
}
