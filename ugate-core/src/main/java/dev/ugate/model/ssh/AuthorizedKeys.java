package dev.ugate.model.ssh;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A file of keys that may log in (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
 *
 * @param problems of the lines that are left out
 */
public record AuthorizedKeys(List<Entry> entries, List<String> problems) {
    public static final AuthorizedKeys NONE = new AuthorizedKeys(List.of(), List.of());

    /** A key and what is said of it. */
    public record Entry(SshKey key, KeyOptions options, String comment) {}

    public AuthorizedKeys {
        entries = List.copyOf(entries);
        problems = List.copyOf(problems);
    }

    /** Reads every line; one that is not understood to its end is left out, so that nobody gets more than was meant. */
    public static AuthorizedKeys parse(String text) {
        Lines<Entry> lines = Lines.read(text, AuthorizedKeys::entry);
        return new AuthorizedKeys(lines.understood, lines.problems);
    }

    /** What the lines of a file of OpenSSH's say, but for empty ones and comments; and of those that are left out, why. */
    record Lines<T>(List<T> understood, List<String> problems) {
        /** {@code line} throws {@link IllegalArgumentException} for one that it does not understand. */
        static <T> Lines<T> read(String text, Function<String, T> line) {
            List<T> understood = new ArrayList<>();
            List<String> problems = new ArrayList<>();
            int number = 0;
            for (String raw : text.split("\n", -1)) {
                number++;
                String stripped = raw.strip();
                if (!stripped.isEmpty() && stripped.charAt(0) != '#') {
                    try {
                        understood.add(line.apply(stripped));
                    } catch (IllegalArgumentException e) {
                        problems.add("line " + number + ": " + e.getMessage());
                    }
                }
            }
            return new Lines<>(understood, problems);
        }
    }

    private static Entry entry(String line) {
        String first = line.substring(0, OptionText.end(line, 0, ' '));
        if (KeyType.of(first).isPresent()) {
            return entry(KeyOptions.NONE, line);
        }
        String rest = line.substring(first.length()).strip();
        if (rest.isEmpty() || KeyType.of(rest.split("[ \t]", 2)[0]).isEmpty()) {
            throw new IllegalArgumentException("key: expected [options] kind Base64, of Ed25519, ECDSA or RSA");
        }
        return entry(KeyOptions.parse(first), rest);
    }

    private static Entry entry(KeyOptions options, String line) {
        String[] words = line.split("[ \t]+", 3);
        if (words.length < 2) {
            throw new IllegalArgumentException("key " + words[0] + ": expected its Base64");
        }
        return new Entry(SshKey.parse(words[0], words[1]), options, words.length > 2 ? words[2] : "");
    }
}
