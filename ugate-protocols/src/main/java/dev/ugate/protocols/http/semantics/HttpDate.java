package dev.ugate.protocols.http.semantics;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** What a message says of the time in its Date field (RFC 9110 §5.6.7), spelled once a second. */
final class HttpDate {
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Clock clock;

    /** Replaced whole: a loop that sees an old one spells the second once more. */
    private Stamp last = new Stamp(Long.MIN_VALUE, "");

    HttpDate(Clock clock) {
        this.clock = clock;
    }

    private record Stamp(long second, String text) {}

    String now() {
        long second = clock.millis() / 1000;
        Stamp known = last;
        if (known.second() != second) {
            known = new Stamp(second, FORM.format(Instant.ofEpochSecond(second)));
            last = known;
        }
        return known.text();
    }
}
