package dev.ugate.model.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * HTTP fields in order (RFC 9110 §5): lower-case names, values without leading or trailing space, repeated names kept apart.
 * Immutable.
 */
public final class Fields {
    private static final String[] NO_PAIRS = {};

    public static final Fields NONE = new Fields(NO_PAIRS);

    /** Names of fields that are for one connection only, said in Connection or not (RFC 9110 §7.6.1). */
    public static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "http2-settings",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "transfer-encoding",
            "upgrade");

    private final String[] pairs;

    private Fields(String[] pairs) {
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
        return pairs.length == 0;
    }

    public int size() {
        return pairs.length / 2;
    }

    public String name(int i) {
        return pairs[2 * i];
    }

    public String value(int i) {
        return pairs[2 * i + 1];
    }

    /** The first value of a lower-case name. */
    public Optional<String> first(String name) {
        int at = find(name);
        return at < 0 ? Optional.empty() : Optional.of(pairs[at + 1]);
    }

    /** Every value of a lower-case name, in order. */
    public List<String> all(String name) {
        int at = find(name);
        if (at < 0) {
            return List.of();
        }
        List<String> values = new ArrayList<>(1);
        for (int i = at; i < pairs.length; i += 2) {
            if (pairs[i].equals(name)) {
                values.add(pairs[i + 1]);
            }
        }
        return values;
    }

    public boolean has(String name) {
        return find(name) >= 0;
    }

    private int find(String name) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** A builder that starts with these fields less the named ones. */
    public Builder without(Set<String> names) {
        Builder builder = new Builder();
        for (int i = 0; i < size(); i++) {
            if (!names.contains(name(i))) {
                builder.copy(this, i);
            }
        }
        return builder;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fields fields && Arrays.equals(pairs, fields.pairs);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pairs);
    }

    @Override
    public String toString() {
        return size() + " fields";
    }

    /** Collects fields in order. */
    public static final class Builder {
        /** Names and values of 16 fields: most heads. */
        private static final int USUAL = 32;

        private String[] pairs = NO_PAIRS;
        private int length;

        public Builder add(String name, String value) {
            return append(name.toLowerCase(Locale.ROOT), value);
        }

        /** Adds a field whose name is known to be lower-case. */
        public Builder lower(String name, String value) {
            return append(name, value);
        }

        /** Adds one of other fields, whose name is known to be lower-case. */
        public Builder copy(Fields from, int i) {
            return append(from.name(i), from.value(i));
        }

        private Builder append(String name, String value) {
            if (length == pairs.length) {
                pairs = Arrays.copyOf(pairs, Math.max(USUAL, 2 * length));
            }
            pairs[length++] = Objects.requireNonNull(name);
            pairs[length++] = Objects.requireNonNull(value);
            return this;
        }

        public int size() {
            return length / 2;
        }

        public Fields build() {
            return length == 0 ? NONE : new Fields(Arrays.copyOf(pairs, length));
        }
    }
}
