package dev.ugate.model.http;

import java.util.List;
import java.util.Locale;

/** A condition on the values of one header field or query parameter; a name that is absent fits none. */
public record FieldMatch(String name, TextMatch value) {
    /** Of a header field, whose names are compared in lower case. */
    public static FieldMatch header(String name, TextMatch value) {
        return new FieldMatch(name.toLowerCase(Locale.ROOT), value);
    }

    /** Whether there are values and each of them fits: what permits must not be outvoted by a second value (T44). */
    boolean every(List<String> values) {
        return !values.isEmpty() && values.stream().allMatch(value::fits);
    }

    /** Whether one value fits, or one member of a value that is a list: what forbids must not be hidden among others (T44). */
    boolean any(List<String> values) {
        for (String all : values) {
            if (value.fits(all)) {
                return true;
            }
            for (String member : all.split(",", -1)) {
                if (value.fits(member.strip())) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return name + value;
    }
}
