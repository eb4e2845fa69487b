package dev.ugate.policy;

import dev.ugate.model.Peer;
import dev.ugate.model.x509.SpiffeId;
import java.util.List;
import java.util.Optional;

/**
 * A namespace, or a service account of one or of every namespace, as SPIFFE ids of the form {@code spiffe://DOMAIN/ns/NS/sa/SA} say them.
 * Compared whole: no prefix, no wildcard inside (T22).
 *
 * @param namespace empty for every one
 * @param account empty for every one
 */
public record Workload(Optional<String> namespace, Optional<String> account) {
    /** Reads {@code NS}; throws {@link IllegalArgumentException}. */
    public static Workload namespace(String text) {
        return new Workload(Optional.of(segment("namespace", text)), Optional.empty());
    }

    /** Reads {@code SA} of every namespace, or {@code NS/SA}; throws {@link IllegalArgumentException}. */
    public static Workload account(String text) {
        int slash = text.indexOf('/');
        Optional<String> namespace =
                slash < 0 ? Optional.empty() : Optional.of(segment("namespace", text.substring(0, slash)));
        return new Workload(namespace, Optional.of(segment("service account", text.substring(slash + 1))));
    }

    /** Whether one of them is the peer's. */
    static boolean any(List<Workload> workloads, Peer peer) {
        if (workloads.isEmpty() || peer.identity().isEmpty()) {
            return false;
        }
        Optional<SpiffeId.Account> own = SpiffeId.account(peer.identity().get().name());
        if (own.isEmpty()) {
            return false;
        }
        for (int i = 0; i < workloads.size(); i++) {
            if (workloads.get(i).is(own.get())) {
                return true;
            }
        }
        return false;
    }

    private boolean is(SpiffeId.Account other) {
        return (namespace.isEmpty() || namespace.get().equals(other.namespace()))
                && (account.isEmpty() || account.get().equals(other.name()));
    }

    private static String segment(String noun, String text) {
        if (!text.matches("[A-Za-z0-9._-]{1,253}") || text.equals(".") || text.equals("..")) {
            throw new IllegalArgumentException(
                    noun + " '" + text + "': expected letters, digits, '.', '-', '_' and no *");
        }
        return text;
    }

    @Override
    public String toString() {
        return namespace.orElse("") + (namespace.isPresent() && account.isPresent() ? "/" : "") + account.orElse("");
    }
}
