package dev.ugate.model;

import java.util.List;
import java.util.Locale;

/**
 * A host pattern: {@code *} for every host, {@code *.example.com} for every name below a domain (not the domain itself), or one
 * exact name. No other wildcard and no regular expression, so a pattern means what it shows.
 */
public record Glob(String pattern) {
    public Glob {
        pattern = pattern.toLowerCase(Locale.ROOT);
        int star = pattern.lastIndexOf('*');
        boolean legal =
                star < 0 || pattern.equals("*") || star == 0 && pattern.startsWith("*.") && pattern.length() > 2;
        if (pattern.isEmpty() || !legal) {
            throw new IllegalArgumentException("host pattern '" + pattern + "': expected a name, *.domain or *");
        }
        if (star < 0) {
            pattern = new HostPort(pattern, 0).host();
        } else if (pattern.length() > 2) {
            pattern = "*." + new HostPort(pattern.substring(2), 0).host();
        }
    }

    /** Whether a canonical host (see {@link HostPort}) matches; allocates nothing. */
    public boolean matches(String host) {
        if (exact()) {
            return host.equals(pattern);
        }
        int suffix = pattern.length() - 1;
        return suffix == 0 || host.length() > suffix && host.regionMatches(host.length() - suffix, pattern, 1, suffix);
    }

    /** Whether one of the patterns matches; false for none. */
    public static boolean any(List<Glob> patterns, String host) {
        for (int i = 0; i < patterns.size(); i++) {
            if (patterns.get(i).matches(host)) {
                return true;
            }
        }
        return false;
    }

    public boolean exact() {
        return pattern.charAt(0) != '*';
    }

    @Override
    public String toString() {
        return pattern;
    }
}
