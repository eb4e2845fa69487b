package dev.ugate.model.ssh;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The hosts of one line of known hosts: patterns, of which some may be taken out with {@code !}, or one name as its keyed hash. */
final class HostPattern {
    private static final String HASHED = "|1|";
    private static final int OCTETS = 20;

    private final List<String> patterns;
    private final byte[] salt;
    private final byte[] hash;

    private HostPattern(List<String> patterns, byte[] salt, byte[] hash) {
        this.patterns = patterns;
        this.salt = salt;
        this.hash = hash;
    }

    /** Throws {@link IllegalArgumentException}. */
    static HostPattern parse(String text) {
        if (!text.startsWith("|")) {
            List<String> patterns = List.of(text.toLowerCase(Locale.ROOT).split(",", -1));
            if (patterns.stream().anyMatch(each -> each.isEmpty() || each.equals("!"))) {
                throw new IllegalArgumentException("hosts '" + text + "': expected names with commas between them");
            }
            return new HostPattern(patterns, new byte[0], new byte[0]);
        }
        String[] parts = text.split("\\|", -1);
        if (!text.startsWith(HASHED) || parts.length != 4) {
            throw new IllegalArgumentException("hosts '" + text + "': expected |1|salt|hash");
        }
        byte[] salt = Base64.getDecoder().decode(parts[2]);
        byte[] hash = Base64.getDecoder().decode(parts[3]);
        if (salt.length != OCTETS || hash.length != OCTETS) {
            throw new IllegalArgumentException("hosts '" + text + "': expected 20 octets of salt and of hash");
        }
        return new HostPattern(List.of(), salt, hash);
    }

    /** Whether a name in lower case, {@code [name]:port} where the port is not 22, is meant. */
    boolean matches(String name) {
        if (patterns.isEmpty()) {
            return MessageDigest.isEqual(hash, hash(name));
        }
        boolean found = false;
        for (String pattern : patterns) {
            boolean negated = pattern.charAt(0) == '!';
            if (Wildcard.matches(negated ? pattern.substring(1) : pattern, name)) {
                if (negated) {
                    return false;
                }
                found = true;
            }
        }
        return found;
    }

    private byte[] hash(String name) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(salt, "HmacSHA1"));
            return mac.doFinal(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
