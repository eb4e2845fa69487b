package dev.ugate.protocols.ssh.program;

import java.util.ArrayList;
import java.util.List;

/** The words of a command that is meant for a shell, where it needs none: quotes and backslashes are all that is read (T80). */
final class CommandWords {
    private static final String SHELL = "|&;<>()$`*?[]#~{}!\n";
    private static final String SHELL_IN_QUOTES = "$`";

    private final String text;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean begun;
    private int at;

    private CommandWords(String text) {
        this.text = text;
    }

    /** At least one word; throws {@link IllegalArgumentException} where only a shell knows what is meant. */
    static List<String> of(String text) {
        return new CommandWords(text).read();
    }

    private List<String> read() {
        while (at < text.length()) {
            char c = text.charAt(at++);
            switch (c) {
                case ' ', '\t' -> end();
                case '\'', '"' -> quoted(c);
                case '\\' -> add(next());
                default -> {
                    plain(c, SHELL);
                    add(c);
                }
            }
        }
        end();
        if (words.isEmpty() || words.get(0).isEmpty() || words.get(0).indexOf('=') >= 0) {
            throw new IllegalArgumentException("command '" + text + "': expected a program");
        }
        return List.copyOf(words);
    }

    private void quoted(char quote) {
        begun = true;
        for (char c = next(); c != quote; c = next()) {
            if (quote == '"') {
                plain(c, SHELL_IN_QUOTES);
                boolean escapes = c == '\\' && at < text.length() && "\"\\$`".indexOf(text.charAt(at)) >= 0;
                word.append(escapes ? next() : c);
            } else {
                word.append(c);
            }
        }
    }

    private char next() {
        if (at == text.length()) {
            throw new IllegalArgumentException("command '" + text + "': ends too early");
        }
        return text.charAt(at++);
    }

    private void plain(char c, String special) {
        if (special.indexOf(c) >= 0) {
            throw new IllegalArgumentException("command '" + text + "': '" + c + "': no shell reads it");
        }
    }

    private void add(char c) {
        begun = true;
        word.append(c);
    }

    private void end() {
        if (begun) {
            words.add(word.toString());
            word.setLength(0);
            begun = false;
        }
    }
}
