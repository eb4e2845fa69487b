package dev.ugate.config.http;

import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value;
import dev.ugate.config.yaml.Value.Fields;
import dev.ugate.model.http.FieldMatch;
import dev.ugate.model.http.HttpMatch;
import dev.ugate.model.http.PathMatch;
import dev.ugate.model.http.TextMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads the conditions that only requests meet. */
public record MatchReader(Problems problems) {
    private static final String REQUESTS = "http";

    /** Of a {@code match} or a rule. */
    public HttpMatch match(Fields fields) {
        HttpMatch match = new HttpMatch(
                fields.all("method", String.class),
                paths(fields),
                texts(fields, "headers"),
                texts(fields, "queryParams"));
        List<String> protocols = fields.all("protocol", String.class);
        if (!match.isAny() && !protocols.isEmpty() && !protocols.contains(REQUESTS)) {
            problems.add(fields.at("protocol"), "protocol " + protocols + ": has no requests: expected http");
        }
        return match;
    }

    private List<PathMatch> paths(Fields fields) {
        List<PathMatch> paths = new ArrayList<>();
        for (Value value : fields.values("path")) {
            if (value instanceof Value.Scalar brief) {
                paths.add(new PathMatch.Prefix((String) brief.value()));
            } else if (value instanceof Fields full) {
                path(full).ifPresent(paths::add);
            }
        }
        return paths;
    }

    private Optional<PathMatch> path(Fields full) {
        String type = full.one("type", String.class).orElse(HttpForms.PREFIX);
        return value(full, text -> switch (type) {
            case HttpForms.EXACT -> new PathMatch.Exact(HttpForms.path(text));
            case HttpForms.REGULAR -> new PathMatch.Regular(TextMatch.expression(text));
            default -> new PathMatch.Prefix(HttpForms.path(text));
        });
    }

    private List<FieldMatch> texts(Fields fields, String key) {
        List<FieldMatch> all = new ArrayList<>();
        for (Fields one : fields.each(key)) {
            String name = one.one("name", String.class).orElse("");
            boolean regular = one.one("type", String.class)
                    .filter(HttpForms.REGULAR::equals)
                    .isPresent();
            value(one, text -> regular ? TextMatch.regular(text) : new TextMatch.Exact(text))
                    .ifPresent(text -> all.add(new FieldMatch(name, text)));
        }
        return all;
    }

    private <T> Optional<T> value(Fields fields, Function<String, T> parse) {
        try {
            return fields.one("value", String.class).map(parse);
        } catch (IllegalArgumentException e) {
            problems.add(fields.at("value"), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
