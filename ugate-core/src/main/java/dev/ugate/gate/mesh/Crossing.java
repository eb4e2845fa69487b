package dev.ugate.gate.mesh;

import dev.ugate.model.Endpoint;
import dev.ugate.model.Refused;
import java.util.List;
import java.util.Optional;

/**
 * What discovery answered, as the mesh lets it be dialled.
 *
 * @param drops what is not among the stages any more; in audit mode also what only would not be
 * @param notes what the mesh demanded of the others, for people
 */
public record Crossing(List<List<Endpoint>> stages, List<Drop> drops, List<String> notes) {
    /** Nothing here has to do with the mesh. */
    static Crossing outside(List<List<Endpoint>> stages) {
        return new Crossing(stages, List.of(), List.of());
    }

    /** Why the last of those that may not be dialled may not. */
    public Optional<Refused> refusal() {
        for (int i = drops.size() - 1; i >= 0; i--) {
            if (drops.get(i).enforced()) {
                return Optional.of(drops.get(i).why());
            }
        }
        return Optional.empty();
    }
}
