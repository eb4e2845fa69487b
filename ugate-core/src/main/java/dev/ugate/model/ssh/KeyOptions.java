package dev.ugate.model.ssh;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What stands before a key in a file of authorized keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT).
 *
 * @param authority whether the key does not log in itself but signs certificates
 * @param principals those that its certificates may be for; empty for any
 * @param until when it is no longer taken
 */
public record KeyOptions(
        boolean authority,
        List<String> principals,
        Restrictions restrictions,
        Sources from,
        Instant until,
        Presence presence) {
    public static final KeyOptions NONE =
            new KeyOptions(false, List.of(), Restrictions.NONE, Sources.ANY, Instant.MAX, Presence.STANDARD);

    public KeyOptions {
        principals = List.copyOf(principals);
    }

    /** The same for certificates of these principals alone. */
    public KeyOptions forPrincipals(List<String> others) {
        return new KeyOptions(authority, others, restrictions, from, until, presence);
    }

    /** Reads options with commas between them; throws {@link IllegalArgumentException} for one that is not known. */
    static KeyOptions parse(String text) {
        Draft draft = new Draft();
        int at = 0;
        while (at < text.length()) {
            int end = OptionText.end(text, at, ',');
            draft.add(text.substring(at, end));
            at = end + 1;
            if (at == text.length()) {
                throw new IllegalArgumentException("options '" + text + "': comma at the end: expected an option");
            }
        }
        return draft.done();
    }

    /** The options so far. */
    private static final class Draft {
        private boolean authority;
        private List<String> principals = List.of();
        private Optional<Boolean> forwarding = Optional.empty();
        private boolean restricted;
        private final List<Restrictions.Permit> open = new ArrayList<>();
        private final List<Restrictions.Permit> listen = new ArrayList<>();
        private Optional<String> command = Optional.empty();
        private final Conditions conditions = new Conditions();

        void add(String option) {
            int equals = option.indexOf('=');
            String name = (equals < 0 ? option : option.substring(0, equals)).toLowerCase(Locale.ROOT);
            if (equals < 0) {
                flag(name);
            } else {
                value(name, OptionText.unquoted(option.substring(equals + 1)));
            }
        }

        private void flag(String name) {
            switch (name) {
                case "cert-authority" -> authority = true;
                case "restrict" -> restricted = true;
                case "port-forwarding" -> forwarding = Optional.of(true);
                case "no-port-forwarding" -> forwarding = Optional.of(false);
                case "no-touch-required" -> conditions.touch = false;
                case "verify-required" -> conditions.knowledge = true;
                // What they allow or forbid is not to be had here in any case.
                case "agent-forwarding",
                        "no-agent-forwarding",
                        "x11-forwarding",
                        "no-x11-forwarding",
                        "pty",
                        "no-pty",
                        "user-rc",
                        "no-user-rc" -> {}
                default -> throw new IllegalArgumentException("option " + name + ": not known: expected one of sshd's");
            }
        }

        private void value(String name, String value) {
            switch (name) {
                case "principals" -> principals = List.of(value.split(",", -1));
                case "from" -> conditions.from = Sources.patterns(value);
                case "command" -> command = Optional.of(value);
                case "expiry-time" -> conditions.until = until(value);
                case "permitopen" -> open.add(Restrictions.Permit.parse(value, false));
                case "permitlisten" -> listen.add(Restrictions.Permit.parse(value, true));
                case "environment", "tunnel" -> {}
                default -> throw new IllegalArgumentException("option " + name + ": not known: expected one of sshd's");
            }
        }

        /** A command, or {@code restrict}, leaves no forwarding but what is permitted in words. */
        KeyOptions done() {
            boolean inWords = !open.isEmpty() || !listen.isEmpty();
            boolean carries = forwarding.orElse(!restricted && (command.isEmpty() || inWords));
            return new KeyOptions(
                    authority,
                    principals,
                    new Restrictions(carries, open, listen, command),
                    conditions.from,
                    conditions.until,
                    new Presence(conditions.touch, conditions.knowledge));
        }
    }

    /** When, from where and by whom a key may be used. */
    private static final class Conditions {
        private Sources from = Sources.ANY;
        private Instant until = Instant.MAX;
        private boolean touch = true;
        private boolean knowledge;
    }

    /** {@code YYYYMMDD[HHMM[SS]][Z]}, in the zone of this machine without the last. */
    private static Instant until(String text) {
        boolean utc = text.endsWith("Z");
        String digits = utc ? text.substring(0, text.length() - 1) : text;
        if (!digits.matches("[0-9]{8}([0-9]{4}([0-9]{2})?)?")) {
            throw new IllegalArgumentException("expiry-time '" + text + "': expected YYYYMMDD[HHMM[SS]][Z]");
        }
        try {
            LocalDateTime time = LocalDateTime.parse(
                    digits + "000000".substring(digits.length() - 8),
                    DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT));
            return time.atZone(utc ? ZoneOffset.UTC : ZoneId.systemDefault()).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expiry-time '" + text + "': no such time", e);
        }
    }
}
