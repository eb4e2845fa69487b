package dev.ugate.config.rules;

import dev.ugate.config.http.MatchReader;
import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value.Fields;
import dev.ugate.model.Cidr;
import dev.ugate.model.Glob;
import dev.ugate.model.Peer;
import dev.ugate.policy.Condition;
import dev.ugate.policy.Rule;
import dev.ugate.policy.Rules;
import dev.ugate.policy.Workload;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the section {@code policy}. */
public record RuleReader(Problems problems) {
    /** The rules; complete only when no problem was reported. */
    public Rules rules(Fields policy) {
        Set<String> names = new HashSet<>(Set.of(Rules.DEFAULT, Rules.SPECIAL));
        return new Rules(
                rules(policy, "deny", names),
                rules(policy, "allow", names),
                policy.one("default", String.class).orElse("deny").equals("allow"));
    }

    private List<Rule> rules(Fields policy, String key, Set<String> names) {
        List<Rule> rules = new ArrayList<>();
        for (Fields fields : policy.each(key)) {
            String name = fields.one("name", String.class).orElse("");
            if (!name.isEmpty() && !names.add(name)) {
                problems.add(fields.at("name"), "name " + name + ": taken: expected another");
            }
            if (fields.values().get("not") instanceof Fields none
                    && none.values().isEmpty()) {
                problems.add(fields.at("not"), "empty: expected a key, or nothing");
            }
            rules.add(new Rule(
                    name,
                    condition(fields),
                    condition(fields.fields("not")),
                    new MatchReader(problems).match(fields),
                    fields.one("dryRun", Boolean.class).orElse(false)));
        }
        return rules;
    }

    private static Condition condition(Fields fields) {
        List<Glob> to = new ArrayList<>(fields.all("to", Glob.class));
        to.addAll(fields.all("host", Glob.class));
        return new Condition(
                fields.all("from", Peer.Pattern.class),
                fields.all("source", Cidr.class),
                fields.all("namespace", Workload.class),
                fields.all("serviceAccount", Workload.class),
                to,
                fields.all("cidr", Cidr.class),
                fields.all("port", Integer.class),
                fields.all("protocol", String.class));
    }
}
