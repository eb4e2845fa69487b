package dev.ugate.policy;

import dev.ugate.model.Decision;
import dev.ugate.model.Intent;
import dev.ugate.model.Policy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * The policy of the configuration: deny rules first, then allow rules, then the default. Immutable and pure.
 *
 * @param open whether the default is to allow
 */
public record Rules(List<Rule> deny, List<Rule> allow, boolean open) implements Policy {
    /** The rule named when no other decided. */
    public static final String DEFAULT = "default";

    /** The rule named when the address is special and nothing spells it out (T61). */
    public static final String SPECIAL = "special-address";

    /** Allows everything that is not special. */
    public static final Rules OPEN = new Rules(List.of(), List.of(), true);

    public Rules {
        deny = List.copyOf(deny);
        allow = List.copyOf(allow);
    }

    @Override
    public Decision judge(Intent intent) {
        return decide(intent, false);
    }

    @Override
    public Decision judge(Intent intent, SocketAddress address, boolean trusted) {
        return decide(intent, address, trusted, false);
    }

    /** What {@link #judge(Intent)} would say if no rule was dry, when that differs. */
    public Optional<Decision> trial(Intent intent) {
        Decision trial = decide(intent, true);
        return trial.allowed() == judge(intent).allowed() ? Optional.empty() : Optional.of(trial);
    }

    /** What {@link #judge(Intent, SocketAddress, boolean)} would say if no rule was dry, when that differs. */
    public Optional<Decision> trial(Intent intent, SocketAddress address, boolean trusted) {
        Decision trial = decide(intent, address, trusted, true);
        return trial.allowed() == judge(intent, address, trusted).allowed() ? Optional.empty() : Optional.of(trial);
    }

    /** Whether any rule is dry. */
    public boolean tries() {
        return deny.stream().anyMatch(Rule::dryRun) || allow.stream().anyMatch(Rule::dryRun);
    }

    private Decision decide(Intent intent, boolean dry) {
        for (int i = 0; i < deny.size(); i++) {
            Rule rule = deny.get(i);
            // A rule about addresses cannot deny before an address is known.
            if (!rule.isAboutAddresses() && counts(rule, dry) && rule.forbids(intent)) {
                return Decision.deny(rule.name());
            }
        }
        for (int i = 0; i < allow.size(); i++) {
            Rule rule = allow.get(i);
            if (counts(rule, dry) && rule.permits(intent)) {
                return Decision.allow(rule.name());
            }
        }
        return new Decision(open, DEFAULT);
    }

    private Decision decide(Intent intent, SocketAddress address, boolean trusted, boolean dry) {
        Optional<InetAddress> ip = address instanceof InetSocketAddress internet
                ? Optional.ofNullable(internet.getAddress())
                : Optional.empty();
        for (int i = 0; i < deny.size(); i++) {
            Rule rule = deny.get(i);
            if (counts(rule, dry) && rule.covers(ip) && rule.forbids(intent)) {
                return Decision.deny(rule.name());
            }
        }
        boolean special = !trusted && special(intent, ip);
        for (int i = 0; i < allow.size(); i++) {
            Rule rule = allow.get(i);
            if (counts(rule, dry)
                    && rule.covers(ip)
                    && rule.permits(intent)
                    && (!special || ip.isPresent() && rule.spellsOut(ip.get()))) {
                return Decision.allow(rule.name());
            }
        }
        return special ? Decision.deny(SPECIAL) : new Decision(open, DEFAULT);
    }

    /** Unix sockets and unresolved addresses are special for every peer: no rule can name them. */
    private static boolean special(Intent intent, Optional<InetAddress> ip) {
        return ip.isEmpty() || !intent.peer().isLocal() && SpecialAddress.includes(ip.get());
    }

    private static boolean counts(Rule rule, boolean dry) {
        return dry || !rule.dryRun();
    }
}
