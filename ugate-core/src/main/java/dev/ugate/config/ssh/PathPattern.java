package dev.ugate.config.ssh;

import dev.ugate.model.ssh.Wildcard;
import java.nio.charset.StandardCharsets;

/**
 * Which files are meant: an absolute path, in which {@code *} and {@code ?} stand for characters of one name and never for a slash.
 */
public record PathPattern(String text) {
    /** What fits into the address of a Unix socket beside its NUL. */
    private static final int MOST_OCTETS = 107;

    /** Throws {@link IllegalArgumentException} where that is no path that {@link #isPlain} takes. */
    public PathPattern {
        if (!isPlain(text)) {
            throw new IllegalArgumentException(
                    "path '" + text + "': expected an absolute one without '.', '..' and empty names");
        }
    }

    /** Whether a path says where it leads to: absolute, without empty names and names of dots, printable, and short enough for a socket. */
    public static boolean isPlain(String path) {
        if (path.length() < 2
                || path.charAt(0) != '/'
                || path.getBytes(StandardCharsets.UTF_8).length > MOST_OCTETS
                || path.chars().anyMatch(Character::isISOControl)) {
            return false;
        }
        for (String name : names(path)) {
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                return false;
            }
        }
        return true;
    }

    private static String[] names(String path) {
        return path.substring(1).split("/", -1);
    }

    public boolean matches(String path) {
        String[] wanted = names(text);
        String[] there = names(path);
        boolean matches = isPlain(path) && wanted.length == there.length;
        for (int i = 0; matches && i < wanted.length; i++) {
            matches = Wildcard.matches(wanted[i], there[i]);
        }
        return matches;
    }

    /** Whether it means one path alone. */
    public boolean isExact() {
        return wild() < 0;
    }

    private int wild() {
        int star = text.indexOf('*');
        int mark = text.indexOf('?');
        return star < 0 || mark >= 0 && mark < star ? mark : star;
    }

    /** The folder that it spells out, without the slash behind it; empty for the root. */
    public String base() {
        int end = isExact() ? text.length() : wild();
        return text.substring(0, text.lastIndexOf('/', end));
    }

    @Override
    public String toString() {
        return text;
    }
}
