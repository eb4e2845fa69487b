package dev.ugate.model.http;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/** A condition on a text: equal to a value, or wholly matched by a regular expression. */
public sealed interface TextMatch {
    /** Longest expression (L76). */
    int MAX_EXPRESSION = 1024;

    boolean fits(String text);

    /** As configuration writes it. */
    String value();

    /** Equal, case included. */
    record Exact(String value) implements TextMatch {
        @Override
        public boolean fits(String text) {
            return text.equals(value);
        }

        @Override
        public String toString() {
            return "=" + value;
        }
    }

    /** An RE2 expression, which takes time linear in the text whatever the text is (T111). */
    record Regular(Pattern pattern) implements TextMatch {
        @Override
        public boolean fits(String text) {
            return pattern.matches(text);
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

    /** Throws {@link IllegalArgumentException} for what is no RE2 expression or too long. */
    static TextMatch regular(String expression) {
        return new Regular(expression(expression));
    }

    /** Throws {@link IllegalArgumentException} for what is no RE2 expression or too long. */
    static Pattern expression(String text) {
        if (text.length() > MAX_EXPRESSION) {
            throw new IllegalArgumentException(
                    "regular expression of " + text.length() + " characters: expected " + MAX_EXPRESSION + " at most");
        }
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "regular expression '" + text + "': " + e.getDescription() + ": expected RE2 syntax", e);
        }
    }
}
