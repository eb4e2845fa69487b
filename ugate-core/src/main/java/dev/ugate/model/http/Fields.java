package dev.ugate.model.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * HTTP fields in order (RFC 9110 §5): lower-case names, values without leading or trailing space, repeated names kept apart.
 * Immutable.
 */
public final class Fields {
    public static final Fields NONE = new Fields(List.of());

    private final List<String> pairs;

    private Fields(List<String> pairs) {
        this.pairs = pairs;
    }

    /** From alternating names and values; names are lower-cased, nothing is validated. */
    public static Fields of(String... pairs) {
        Builder builder = new Builder();
        for (int i = 0; i < pairs.length; i += 2) {
            builder.add(pairs[i], pairs[i + 1]);
        }
        return builder.build();
    }

    public boolean isEmpty() {
        return pairs.isEmpty();
    }

    public int size() {
        return pairs.size() / 2;
    }

    public String name(int i) {
        return pairs.get(2 * i);
    }

    public String value(int i) {
        return pairs.get(2 * i + 1);
    }

    /** The first value of a lower-case name. */
    public Optional<String> first(String name) {
        for (int i = 0; i < pairs.size(); i += 2) {
            if (pairs.get(i).equals(name)) {
                return Optional.of(pairs.get(i + 1));
            }
        }
        return Optional.empty();
    }

    /** Every value of a lower-case name, in order. */
    public List<String> all(String name) {
        List<String> values = new ArrayList<>(1);
        for (int i = 0; i < pairs.size(); i += 2) {
            if (pairs.get(i).equals(name)) {
                values.add(pairs.get(i + 1));
            }
        }
        return values;
    }

    public boolean has(String name) {
        return first(name).isPresent();
    }

    /** A builder that starts with these fields less the named ones. */
    public Builder without(Set<String> names) {
        Builder builder = new Builder();
        for (int i = 0; i < size(); i++) {
            if (!names.contains(name(i))) {
                builder.add(name(i), value(i));
            }
        }
        return builder;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fields fields && pairs.equals(fields.pairs);
    }

    @Override
    public int hashCode() {
        return pairs.hashCode();
    }

    @Override
    public String toString() {
        return size() + " fields";
    }

    /** Collects fields in order. */
    public static final class Builder {
        private final List<String> pairs = new ArrayList<>();

        public Builder add(String name, String value) {
            pairs.add(name.toLowerCase(Locale.ROOT));
            pairs.add(value);
            return this;
        }

        public int size() {
            return pairs.size() / 2;
        }

        public Fields build() {
            return pairs.isEmpty() ? NONE : new Fields(List.copyOf(pairs));
        }
    }
}
