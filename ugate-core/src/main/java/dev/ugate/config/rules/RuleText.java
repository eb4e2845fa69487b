package dev.ugate.config.rules;

import dev.ugate.config.http.HttpText;
import dev.ugate.policy.Condition;
import dev.ugate.policy.Rule;
import dev.ugate.policy.Rules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the policy back as configuration. */
public final class RuleText {
    private RuleText() {}

    /** The section {@code policy}. */
    public static Map<String, Object> policy(Rules rules) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("default", rules.open() ? "allow" : "deny");
        out.put("deny", rules.deny().stream().map(RuleText::rule).toList());
        out.put("allow", rules.allow().stream().map(RuleText::rule).toList());
        return out;
    }

    private static Map<String, Object> rule(Rule rule) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", rule.name());
        condition(out, rule.when());
        HttpText.match(out, rule.http());
        if (!rule.unless().equals(Condition.NONE)) {
            Map<String, Object> not = new LinkedHashMap<>();
            condition(not, rule.unless());
            out.put("not", not);
        }
        out.put("dryRun", rule.dryRun());
        return out;
    }

    private static void condition(Map<String, Object> out, Condition condition) {
        texts(out, "from", condition.from());
        texts(out, "source", condition.sources());
        texts(out, "namespace", condition.namespaces());
        texts(out, "serviceAccount", condition.serviceAccounts());
        texts(out, "to", condition.to());
        texts(out, "cidr", condition.cidrs());
        if (!condition.ports().isEmpty()) {
            out.put("port", condition.ports());
        }
        texts(out, "protocol", condition.protocols());
    }

    private static void texts(Map<String, Object> out, String key, List<?> values) {
        if (!values.isEmpty()) {
            out.put(key, values.stream().map(Object::toString).toList());
        }
    }
}
