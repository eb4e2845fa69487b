package dev.ugate.policy;

import dev.ugate.model.Decision;
import dev.ugate.model.Intent;
import dev.ugate.model.Policy;
import java.net.SocketAddress;
import java.util.function.BiConsumer;

/**
 * A policy that also tells what its dry rules would have decided, where that differs from the answer given: at most once for each
 * address, and before any address only where the stream ends there.
 */
public record Watched(Rules rules, BiConsumer<Intent, Decision> report) implements Policy {
    /** The rules alone when none is dry, so that nothing is decided twice. */
    public static Policy of(Rules rules, BiConsumer<Intent, Decision> report) {
        return rules.tries() ? new Watched(rules, report) : rules;
    }

    @Override
    public Decision judge(Intent intent) {
        Decision decision = rules.judge(intent);
        if (!decision.allowed()) {
            rules.trial(intent).ifPresent(trial -> report.accept(intent, trial));
        }
        return decision;
    }

    @Override
    public Decision judge(Intent intent, SocketAddress address, boolean trusted) {
        rules.trial(intent, address, trusted).ifPresent(trial -> report.accept(intent, trial));
        return rules.judge(intent, address, trusted);
    }
}
