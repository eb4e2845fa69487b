package dev.ugate.model.http;

import java.util.List;

/** How the path of a request changes; its query stays. */
public sealed interface PathChange {
    /** The new target of a request for {@code target}. */
    String apply(String target);

    /** Another path altogether. */
    record Full(String path) implements PathChange {
        @Override
        public String apply(String target) {
            return path + query(target);
        }

        @Override
        public String toString() {
            return path;
        }
    }

    /** Another prefix, but for a slash at its end, instead of the first of {@code prefixes} that fits; a target that none fits stays. */
    record Prefix(List<PathMatch.Prefix> prefixes, String replacement) implements PathChange {
        public Prefix {
            prefixes = List.copyOf(prefixes);
        }

        @Override
        public String apply(String target) {
            String path = HttpMatch.path(target);
            for (PathMatch.Prefix prefix : prefixes) {
                if (prefix.fits(path)) {
                    String base = replacement.endsWith("/")
                            ? replacement.substring(0, replacement.length() - 1)
                            : replacement;
                    String joined = base + prefix.rest(path);
                    return (joined.isEmpty() ? "/" : joined) + query(target);
                }
            }
            return target;
        }

        @Override
        public String toString() {
            return prefixes + " to " + replacement;
        }
    }

    private static String query(String target) {
        int query = target.indexOf('?');
        return query < 0 ? "" : target.substring(query);
    }
}
