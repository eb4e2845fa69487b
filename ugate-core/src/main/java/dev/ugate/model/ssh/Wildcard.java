package dev.ugate.model.ssh;

/** A pattern of OpenSSH (ssh_config(5), PATTERNS): {@code *} for any characters, {@code ?} for one. */
public final class Wildcard {
    private Wildcard() {}

    /** In time of at most the product of both lengths, whatever the pattern. */
    public static boolean matches(String pattern, String text) {
        int at = 0;
        int star = -1;
        int behind = 0;
        int i = 0;
        while (i < text.length()) {
            char wanted = at < pattern.length() ? pattern.charAt(at) : '\0';
            if (wanted == '*') {
                star = at++;
                behind = i;
            } else if (at < pattern.length() && (wanted == '?' || wanted == text.charAt(i))) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++behind;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
