package dev.ugate.model.http;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Changes to the fields of a head; names are in lower case and each occurs once. */
public record HeaderEdit(List<Line> set, List<Line> add, List<String> remove) {
    /** Changes nothing. */
    public static final HeaderEdit NONE = new HeaderEdit(List.of(), List.of(), List.of());

    public HeaderEdit {
        set = List.copyOf(set);
        add = List.copyOf(add);
        remove = List.copyOf(remove);
    }

    /** One field. */
    public record Line(String name, String value) {}

    /** Less those removed and those set anew; the set and added ones follow. */
    public Fields apply(Fields fields) {
        if (equals(NONE)) {
            return fields;
        }
        Set<String> gone = new HashSet<>(remove);
        set.forEach(line -> gone.add(line.name()));
        Fields.Builder out = fields.without(gone::contains);
        set.forEach(line -> out.add(line.name(), line.value()));
        add.forEach(line -> out.add(line.name(), line.value()));
        return out.build();
    }
}
