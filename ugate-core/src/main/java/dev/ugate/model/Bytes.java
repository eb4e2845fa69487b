package dev.ugate.model;

import java.util.Locale;

/** A number of bytes with its unit in text: {@code 64KiB}, {@code 16MiB}, {@code 512}. */
public record Bytes(long count) {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    public Bytes {
        if (count < 0) {
            throw new IllegalArgumentException("size " + count + ": expected 0 or more");
        }
    }

    public static Bytes kib(long count) {
        return new Bytes(count << 10);
    }

    /** Parses a number with an optional binary unit; throws {@link IllegalArgumentException}. */
    public static Bytes parse(String text) {
        int unit = 0;
        String digits = text.strip();
        for (int i = UNITS.length - 1; i >= 0; i--) {
            if (digits.toLowerCase(Locale.ROOT).endsWith(UNITS[i].toLowerCase(Locale.ROOT))) {
                unit = i;
                digits =
                        digits.substring(0, digits.length() - UNITS[i].length()).strip();
                break;
            }
        }
        if (digits.isEmpty() || digits.length() > 15 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("size '" + text + "': expected a number with B, KiB, MiB or GiB");
        }
        long count = Long.parseLong(digits);
        if (count > Long.MAX_VALUE >> 10 * unit) {
            throw new IllegalArgumentException("size '" + text + "': expected less than 8388608TiB");
        }
        return new Bytes(count << 10 * unit);
    }

    /** The count as an int, for buffers and socket options; saturates. */
    public int toInt() {
        return (int) Math.min(Integer.MAX_VALUE, count);
    }

    @Override
    public String toString() {
        int unit = 0;
        long value = count;
        while (unit < UNITS.length - 1 && value != 0 && value % 1024 == 0) {
            value /= 1024;
            unit++;
        }
        return value + UNITS[unit];
    }
}
