package dev.ugate.model.http;

import com.google.re2j.Pattern;

/** A condition on the path of a request, which is canonical and without its query. */
public sealed interface PathMatch {
    boolean fits(String path);

    /** As configuration writes it. */
    String value();

    /** Equal, case included. */
    record Exact(String value) implements PathMatch {
        @Override
        public boolean fits(String path) {
            return path.equals(value);
        }

        @Override
        public String toString() {
            return "=" + value;
        }
    }

    /** The same elements at the beginning: {@code /foo} fits {@code /foo} and {@code /foo/x}, not {@code /foobar}. */
    record Prefix(String value) implements PathMatch {
        public Prefix {
            value = value.length() > 1 && value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
        }

        @Override
        public boolean fits(String path) {
            return isRoot()
                    || path.startsWith(value)
                            && (path.length() == value.length() || path.charAt(value.length()) == '/');
        }

        @Override
        public String toString() {
            return value;
        }

        private boolean isRoot() {
            return value.equals("/");
        }

        /** What is left of a path that fits: empty, or beginning with a slash. */
        public String rest(String path) {
            return isRoot() ? path : path.substring(value.length());
        }
    }

    /** Wholly matched by an RE2 expression. */
    record Regular(Pattern pattern) implements PathMatch {
        @Override
        public boolean fits(String path) {
            return pattern.matches(path);
        }

        @Override
        public String value() {
            return pattern.pattern();
        }

        @Override
        public String toString() {
            return "~" + value();
        }
    }
}
