package dev.ugate.config;

import java.time.Duration;
import java.util.List;

/** Text of durations: {@code 200ms}, {@code 5s}, {@code 10m}, {@code 1h}, {@code 7d}. */
public final class Durations {
    private record Unit(String name, long millis) {}

    /** Longest name first where one ends another. */
    private static final List<Unit> UNITS = List.of(
            new Unit("ms", 1),
            new Unit("s", 1000),
            new Unit("m", 60_000),
            new Unit("h", 3_600_000),
            new Unit("d", 86_400_000));

    private static final long LONGEST = 366L * 86_400_000;

    static final String EXPECTED = "a duration such as 200ms, 5s or 1h";

    private Durations() {}

    /** From 0 to a year; throws {@link IllegalArgumentException}. */
    public static Duration parse(String text) {
        for (Unit unit : UNITS) {
            String digits =
                    text.substring(0, Math.max(0, text.length() - unit.name().length()));
            if (text.endsWith(unit.name()) && digits.matches("[0-9]{1,9}")) {
                long millis = Long.parseLong(digits) * unit.millis();
                if (millis <= LONGEST) {
                    return Duration.ofMillis(millis);
                }
            }
        }
        throw new IllegalArgumentException("duration '" + text + "': expected " + EXPECTED + ", at most 366d");
    }

    /** In the largest unit that leaves no rest. */
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        Unit best = UNITS.get(0);
        for (Unit unit : UNITS) {
            if (millis != 0 && millis % unit.millis() == 0) {
                best = unit;
            }
        }
        return millis / best.millis() + best.name();
    }
}
