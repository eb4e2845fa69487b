package dev.ugate.config;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/** Text of durations: {@code 200ms}, {@code 5s}, {@code 1h30m}, {@code 7d}; as in the Gateway API (GEP-2257), and days. */
public final class Durations {
    private enum Unit {
        MS(1),
        S(1000),
        M(60_000),
        H(3_600_000),
        D(86_400_000);

        private final long millis;

        Unit(long millis) {
            this.millis = millis;
        }

        static long millis(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT)).millis;
        }
    }

    /** A number and a unit. */
    private static final Pattern PART = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

    static final String FORM = "^(" + PART + "){1,4}$";

    private static final long LONGEST = 366L * Unit.D.millis;

    static final String EXPECTED = "a duration such as 200ms, 5s or 1h";

    private Durations() {}

    /** From 0 to a year; throws {@link IllegalArgumentException}. */
    public static Duration parse(String text) {
        if (text.matches(FORM)) {
            long millis = PART.matcher(text)
                    .results()
                    .mapToLong(part -> Long.parseLong(part.group(1)) * Unit.millis(part.group(2)))
                    .sum();
            if (millis <= LONGEST) {
                return Duration.ofMillis(millis);
            }
        }
        throw new IllegalArgumentException("duration '" + text + "': expected " + EXPECTED + ", at most 366d");
    }

    /** In the largest unit that leaves no rest. */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        Unit best = Unit.MS;
        for (Unit unit : Unit.values()) {
            if (millis != 0 && millis % unit.millis == 0) {
                best = unit;
            }
        }
        return millis / best.millis + best.name().toLowerCase(Locale.ROOT);
    }
}
