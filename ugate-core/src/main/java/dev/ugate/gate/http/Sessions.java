package dev.ugate.gate.http;

import dev.ugate.model.http.Fields;
import dev.ugate.model.http.SessionPersistence;
import dev.ugate.spi.Request;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What clients are told of the endpoint that their session is at, and show again. It is made of the endpoint's name alone, so that every
 * instance says the same and none keeps a table; where sessions end, the time at which this one began is behind a dot. Pure.
 */
public final class Sessions {
    private static final int OCTETS = 8;
    private static final int DIGITS = 2 * OCTETS;
    private static final int RADIX = 36;

    /** More than any time needs. */
    private static final int MOST_TIME_DIGITS = 10;

    private static final String COOKIE = "cookie";

    private Sessions() {}

    /** What an endpoint of this key is called: 16 hexadecimal digits, which tell a client no address. */
    public static String name(Object endpoint) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(("ugate session " + endpoint).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, OCTETS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256: every JDK has it", e);
        }
    }

    /** The endpoint that the client shows, in a session that lasts. */
    public static Optional<String> shown(SessionPersistence rule, Request request, Instant now) {
        return value(rule, request.fields())
                .filter(value -> isLive(rule, value, now))
                .map(value -> value.substring(0, DIGITS));
    }

    private static Optional<String> value(SessionPersistence rule, Fields fields) {
        if (!rule.cookie()) {
            return fields.first(rule.name());
        }
        // RFC 6265 §4.2; HTTP/2 may split the field (RFC 9113 §8.2.3).
        for (String line : fields.all(COOKIE)) {
            for (String pair : line.split(";", -1)) {
                String text = pair.strip();
                if (text.startsWith(rule.name() + "=")) {
                    return Optional.of(text.substring(rule.name().length() + 1));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isLive(SessionPersistence rule, String value, Instant now) {
        boolean named = value.length() >= DIGITS && isLegal(value.substring(0, DIGITS), "0123456789abcdef");
        if (!named || rule.absoluteTimeout().isEmpty()) {
            return named && value.length() == DIGITS;
        }
        String begun = value.length() > DIGITS && value.charAt(DIGITS) == '.' ? value.substring(DIGITS + 1) : "";
        if (begun.isEmpty()
                || begun.length() > MOST_TIME_DIGITS
                || !isLegal(begun, "0123456789abcdefghijklmnopqrstuvwxyz")) {
            return false;
        }
        long age = now.getEpochSecond() - Long.parseLong(begun, RADIX);
        return age >= 0 && age < rule.absoluteTimeout().get().toSeconds();
    }

    private static boolean isLegal(String text, String digits) {
        return text.chars().allMatch(c -> digits.indexOf(c) >= 0);
    }

    /** The fields of a reply that tells the client of a session that begins {@code now} at this endpoint. */
    public static Fields told(SessionPersistence rule, Request request, Fields fields, String endpoint, Instant now) {
        String value = rule.absoluteTimeout().isPresent()
                ? endpoint + "." + Long.toString(now.getEpochSecond(), RADIX)
                : endpoint;
        Fields.Builder told = fields.without(name -> !rule.cookie() && name.equals(rule.name()));
        if (rule.cookie()) {
            told.lower("set-cookie", rule.name() + "=" + value + attributes(rule, request));
        } else {
            told.lower(rule.name(), value);
        }
        return told.build();
    }

    /** Of scripts no matter, and not for the clear where TLS was asked for (RFC 6265 §4.1.2). */
    private static String attributes(SessionPersistence rule, Request request) {
        String life = rule.permanent()
                ? rule.absoluteTimeout()
                        .map(limit -> "; Max-Age=" + limit.toSeconds())
                        .orElse("")
                : "";
        return "; Path=/; HttpOnly" + (request.scheme().equals("https") ? "; Secure" : "") + life;
    }
}
