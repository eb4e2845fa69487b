package dev.ugate.model.x509;

import java.util.Optional;

/** A SPIFFE id to the letter (SPIFFE-ID §2): compared byte by byte, never decoded or folded (T21). */
public record SpiffeId(String text) {
    public static final String SCHEME = "spiffe://";

    /** SPIFFE-ID §2.3 and §2.4. */
    private static final int LONGEST = 2048;

    private static final int LONGEST_DOMAIN = 255;

    /** {@code DOMAIN ns NAMESPACE sa NAME}. */
    private static final int ACCOUNT_PARTS = 5;

    /** A service account as Kubernetes' meshes name it: {@code spiffe://DOMAIN/ns/NAMESPACE/sa/NAME}. */
    public record Account(String namespace, String name) {}

    /** Throws {@link IllegalArgumentException} for anything that only looks like one. */
    public SpiffeId {
        if (!isLegal(text)) {
            throw new IllegalArgumentException("id '" + text + "': expected spiffe://domain/path");
        }
    }

    /** The trust domain, whose bundle alone vouches for the id. */
    public String domain() {
        return text.substring(SCHEME.length(), text.indexOf('/', SCHEME.length()));
    }

    /** The service account that an identity is; empty for one of another form. */
    public static Optional<Account> account(String identity) {
        String[] parts = identity.startsWith(SCHEME)
                ? identity.substring(SCHEME.length()).split("/", -1)
                : new String[0];
        boolean known = parts.length == ACCOUNT_PARTS
                && parts[1].equals("ns")
                && parts[3].equals("sa")
                && !parts[2].isEmpty()
                && !parts[4].isEmpty();
        return known ? Optional.of(new Account(parts[2], parts[4])) : Optional.empty();
    }

    @Override
    public String toString() {
        return text;
    }

    /** A lower-case trust domain, then segments without dots-only, empty or escaped ones. */
    public static boolean isLegal(String id) {
        if (id.length() > LONGEST || !id.startsWith(SCHEME)) {
            return false;
        }
        String[] parts = id.substring(SCHEME.length()).split("/", -1);
        boolean named = isDomain(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i];
            boolean dots = part.isEmpty() || part.equals(".") || part.equals("..");
            named &= !dots && part.chars().allMatch(c -> c >= 'A' && c <= 'Z' || isLower(c));
        }
        return named && parts.length > 1;
    }

    /** Whether a text can be a trust domain. */
    public static boolean isDomain(String text) {
        return !text.isEmpty()
                && text.length() <= LONGEST_DOMAIN
                && text.chars().allMatch(SpiffeId::isLower);
    }

    private static boolean isLower(int c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_';
    }
}
