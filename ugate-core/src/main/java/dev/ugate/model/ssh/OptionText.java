package dev.ugate.model.ssh;

/** Options as OpenSSH writes them: a quoted value may hold whatever would end it otherwise, and {@code \"}. */
final class OptionText {
    private OptionText() {}

    /** Where the text that begins at {@code from} meets a {@code stop} that is not quoted, or ends. */
    static int end(String text, int from, char stop) {
        boolean quoted = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == stop || stop == ' ' && c == '\t')) {
                return i;
            }
        }
        if (quoted) {
            throw new IllegalArgumentException("options: quote is open: expected its end");
        }
        return text.length();
    }

    /** A value without its quotes; throws {@link IllegalArgumentException} where it has none. */
    static String unquoted(String text) {
        if (text.length() < 2 || text.charAt(0) != '"' || text.charAt(text.length() - 1) != '"') {
            throw new IllegalArgumentException("option value " + text + ": expected quotes around it");
        }
        return text.substring(1, text.length() - 1).replace("\\\"", "\"");
    }
}
