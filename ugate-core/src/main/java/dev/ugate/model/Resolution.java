package dev.ugate.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What discovery knows of a target: stages of endpoints (a later stage is tried when the earlier is exhausted), who said so, for
 * how long, and whether the answer was validated (DNSSEC).
 *
 * @param balance how to order a stage, when the source has an opinion
 */
public record Resolution(
        List<List<Endpoint>> stages, String source, Duration ttl, Validation validation, Optional<Balance> balance) {
    /** DNSSEC states (RFC 4033 §5); NONE where the notion does not apply. */
    public enum Validation {
        NONE,
        INSECURE,
        SECURE
    }

    public Resolution {
        stages = List.copyOf(stages);
    }

    /** One stage, not validated. */
    public static Resolution of(String source, Duration ttl, List<Endpoint> endpoints) {
        return new Resolution(List.of(List.copyOf(endpoints)), source, ttl, Validation.NONE, Optional.empty());
    }
}
