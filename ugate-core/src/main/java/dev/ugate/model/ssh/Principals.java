package dev.ugate.model.ssh;

import dev.ugate.model.Identity;
import dev.ugate.model.x509.SpiffeId;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the principals of user certificates are in policy. */
public final class Principals {
    /** A service account as Istio and the founding documents name it: {@code SA@NS.TRUSTDOMAIN}. */
    private static final Pattern ACCOUNT =
            Pattern.compile("([a-z0-9-]{1,253})@([a-z0-9-]{1,63})\\.([a-z0-9._-]{1,255})");

    /** T80, and what mail addresses need. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@+-]{0,252}");

    private Principals() {}

    /**
     * Whom a principal names under an authority that may speak for {@code domains}: a SPIFFE id of one of them, spelt out or as
     * {@code SA@NS.TRUSTDOMAIN}, else {@code user:PRINCIPAL}; empty for a SPIFFE id of another domain, and for what is no name.
     */
    public static Optional<Identity> identity(String principal, Set<String> domains) {
        if (principal.startsWith(SpiffeId.SCHEME)) {
            return SpiffeId.isLegal(principal) && domains.contains(new SpiffeId(principal).domain())
                    ? Optional.of(proven(principal))
                    : Optional.empty();
        }
        Matcher account = ACCOUNT.matcher(principal);
        if (account.matches() && domains.contains(account.group(3))) {
            return Optional.of(
                    proven(SpiffeId.SCHEME + account.group(3) + "/ns/" + account.group(2) + "/sa/" + account.group(1)));
        }
        return NAME.matcher(principal).matches() ? Optional.of(proven("user:" + principal)) : Optional.empty();
    }

    private static Identity proven(String name) {
        return new Identity(name, Identity.Proof.SSH_CERTIFICATE);
    }
}
