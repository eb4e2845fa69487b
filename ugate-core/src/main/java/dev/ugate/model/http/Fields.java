package dev.ugate.model.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * HTTP fields in order (RFC 9110 §5): lower-case names, values without leading or trailing space, repeated names kept apart.
 * Immutable.
 */
public final class Fields {
    private static final String[] NO_PAIRS = {};

    public static final Fields NONE = new Fields(NO_PAIRS, 0);

    private final String[] pairs;

    /** How much of the array counts. */
    private final int length;

    private Fields(String[] pairs, int length) {
        this.pairs = pairs;
        this.length = length;
    }

    /** Whether a field of this lower-case name is for one connection only, said in Connection or not (RFC 9110 §7.6.1). */
    public static boolean isHopByHop(String name) {
        return switch (name) {
            case "connection",
                    "http2-settings",
                    "keep-alive",
                    "proxy-authenticate",
                    "proxy-authentication-info",
                    "proxy-authorization",
                    "proxy-connection",
                    "te",
                    "transfer-encoding",
                    "upgrade" -> true;
            default -> false;
        };
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
        return length == 0;
    }

    public int size() {
        return length / 2;
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
        for (int i = at; i < length; i += 2) {
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
        for (int i = 0; i < length; i += 2) {
            if (pairs[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** A builder that starts with these fields less those whose name is {@code gone}. */
    public Builder without(Predicate<String> gone) {
        Builder builder = new Builder();
        for (int i = 0; i < size(); i++) {
            if (!gone.test(name(i))) {
                builder.copy(this, i);
            }
        }
        return builder;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fields fields && Arrays.equals(pairs, 0, length, fields.pairs, 0, fields.length);
    }

    @Override
    public int hashCode() {
        return Arrays.asList(pairs).subList(0, length).hashCode();
    }

    @Override
    public String toString() {
        return size() + " fields";
    }

    /** Collects fields in order. */
    public static final class Builder {
        /** As many fields as most heads have. */
        private static final int USUAL = 16;

        private final int expected;
        private String[] pairs = NO_PAIRS;
        private int length;

        /** Whether fields were built that the array belongs to. */
        private boolean lent;

        public Builder() {
            this(USUAL);
        }

        /** Of about so many fields, of which at least one; there may be more. */
        public Builder(int expected) {
            this.expected = Math.max(expected, 1);
        }

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
            if (lent || length == pairs.length) {
                pairs = Arrays.copyOf(pairs, Math.max(2 * expected, 2 * length));
                lent = false;
            }
            pairs[length++] = Objects.requireNonNull(name);
            pairs[length++] = Objects.requireNonNull(value);
            return this;
        }

        public int size() {
            return length / 2;
        }

        /** What was collected so far. */
        public Fields build() {
            lent = true;
            return length == 0 ? NONE : new Fields(pairs, length);
        }
    }
}
