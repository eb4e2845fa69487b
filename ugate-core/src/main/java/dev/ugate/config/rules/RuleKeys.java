package dev.ugate.config.rules;

import static dev.ugate.config.yaml.Kind.key;

import dev.ugate.config.http.HttpKeys;
import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Mapping;
import dev.ugate.config.yaml.Kind.OneOrMany;
import dev.ugate.policy.Workload;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of a rule, after those of Istio's AuthorizationPolicy.
 *
 * @param name form of the rule's own
 * @param peer form of who asks
 * @param host form of a pattern of names
 * @param cidr form of a block
 * @param port form of a port
 * @param protocol the words of intents
 * @param flag form of yes and no
 */
public record RuleKeys(Kind name, Kind peer, Kind host, Kind cidr, Kind port, Kind protocol, Kind flag) {
    private static final Kind NAMESPACE = Kind.string("a namespace", "^[A-Za-z0-9._-]{1,253}$", Workload::namespace);
    private static final Kind ACCOUNT = Kind.string(
            "a service account or namespace/service account",
            "^([A-Za-z0-9._-]{1,253}/)?[A-Za-z0-9._-]{1,253}$",
            Workload::account);

    /** A rule. */
    public Mapping rule() {
        List<Kind.Key> keys = new ArrayList<>(List.of(
                key("name", name, "of the rule, in logs and explanations").asRequired()));
        keys.addAll(condition());
        keys.addAll(HttpKeys.match());
        keys.add(
                key("not", new Mapping(condition()), "exceptions: where one value of any key fits, the rule does not"));
        keys.add(key("dryRun", flag, "true to report only; default false"));
        return new Mapping(keys);
    }

    private List<Kind.Key> condition() {
        return List.of(
                key("from", many(peer), "who asks: identity, identified, cidr, unix or *"),
                key("source", many(cidr), "where the peer is, beside who it is"),
                key("namespace", many(NAMESPACE), "of the peer's SPIFFE id"),
                key("serviceAccount", many(ACCOUNT), "of the peer's SPIFFE id: account, or namespace/account"),
                key("to", many(host), "asked name or literal: name, *.domain or *"),
                key("host", many(host), "the same as to"),
                key("cidr", many(cidr), "address that would be dialled"),
                key("port", many(port), "asked port"),
                key("protocol", many(protocol), "word of the stream's protocol"));
    }

    private static Kind many(Kind item) {
        return new OneOrMany(item);
    }
}
