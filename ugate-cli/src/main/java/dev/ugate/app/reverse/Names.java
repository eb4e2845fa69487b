package dev.ugate.app.reverse;

import dev.ugate.config.Config;
import dev.ugate.gate.Snapshot;
import dev.ugate.model.mesh.Mesh;
import dev.ugate.model.mesh.NodeId;
import dev.ugate.net.reverse.Reverse;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What this node is called by itself, and who may be called what here; as the configuration says now. */
public final class Names {
    private final Supplier<Optional<String>> node;
    private final Snapshot<Claims> claims;

    /** {@code node} is whom this node proves to be. */
    public Names(Config config, Supplier<Optional<String>> node) {
        this.node = node;
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

    /** The names that stand for whoever holds this node's key, under every suffix; none where it proves to be somebody else. */
    public Set<String> own() {
        Set<String> names = new HashSet<>();
        node.get().filter(name -> name.startsWith(NodeId.FORM)).ifPresent(name -> {
            String id = name.substring(NodeId.FORM.length()).toLowerCase(Locale.ROOT);
            mesh().suffixes().forEach(suffix -> names.add(id + suffix));
        });
        return names;
    }

    Mesh mesh() {
        return claims.read().mesh();
    }
}
