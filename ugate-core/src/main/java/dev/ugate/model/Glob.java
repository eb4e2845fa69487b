package dev.ugate.model;

import java.util.Locale;

/**
 * A host pattern: {@code *} for every host, {@code *.example.com} for every name below a domain (not the domain itself), or one
 * exact name. No other wildcard and no regular expression, so a pattern means what it shows.
 */
public record Glob(String pattern) {
    public Glob {
        pattern = pattern.toLowerCase(Locale.ROOT);
        int star = pattern.lastIndexOf('*');
        boolean legal = star < 0 || pattern.equals("*") || star == 0 && pattern.startsWith("*.") && pattern.length() > 2;
        if (pattern.isEmpty() || !legal) {
            throw new IllegalArgumentException("host pattern '" + pattern + "': expected a name, *.domain or *");
        }
        if (star < 0) {
            pattern = new HostPort(pattern, 0).host();
        }
    }

    /** Whether a canonical host (see {@link HostPort}) matches. */
    public boolean matches(String host) {
        if (pattern.equals("*")) {
            return true;
        }
        return pattern.startsWith("*.")
                ? host.length() > pattern.length() - 1 && host.endsWith(pattern.substring(1))
                : host.equals(pattern);
    }

    public boolean exact() {
        return !pattern.startsWith("*");
    }

    @Override
    public String toString() {
        return pattern;
    }
}
