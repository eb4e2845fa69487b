package dev.ugate.config.http;

import dev.ugate.model.Route;
import dev.ugate.model.http.FieldMatch;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Filters;
import dev.ugate.model.http.HeaderEdit;
import dev.ugate.model.http.HttpMatch;
import dev.ugate.model.http.PathChange;
import dev.ugate.model.http.PathMatch;
import dev.ugate.model.http.SessionPersistence;
import dev.ugate.model.http.TextMatch;
import dev.ugate.model.http.Tries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Writes what only HTTP has back as configuration, with every default spelled out.
 *
 * @param durations how a time is written
 */
public record HttpText(Function<Duration, String> durations) {
    /** Adds the conditions to a {@code match} or a rule. */
    public static void match(Map<String, Object> out, HttpMatch match) {
        list(out, "method", match.methods());
        list(out, "path", match.paths().stream().map(HttpText::path).toList());
        list(out, "headers", match.headers().stream().map(HttpText::text).toList());
        list(
                out,
                "queryParams",
                match.queryParams().stream().map(HttpText::text).toList());
    }

    private static Map<String, Object> path(PathMatch path) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put(
                "type",
                path instanceof PathMatch.Exact
                        ? HttpForms.EXACT
                        : path instanceof PathMatch.Regular ? HttpForms.REGULAR : HttpForms.PREFIX);
        out.put("value", path.value());
        return out;
    }

    private static Map<String, Object> text(FieldMatch field) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", field.name());
        out.put("type", field.value() instanceof TextMatch.Exact ? HttpForms.EXACT : HttpForms.REGULAR);
        out.put("value", field.value().value());
        return out;
    }

    /** The answer that is given here. */
    public static Map<String, Object> local(Route.Local local) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("status", local.status());
        list(out, "headers", lines(local.headers()));
        out.put("body", local.body());
        return out;
    }

    /** Adds filters, timeouts and retries to a route. */
    public void filters(Map<String, Object> out, Route route) {
        Filters filters = route.filters();
        List<Map<String, Object>> all = new ArrayList<>();
        edit(all, "requestHeaderModifier", filters.requests());
        edit(all, "responseHeaderModifier", filters.responses());
        filters.rewrite().ifPresent(rewrite -> all.add(Map.of("urlRewrite", rewrite(rewrite))));
        if (route.action() instanceof Route.Redirect redirect) {
            all.add(Map.of("requestRedirect", redirect(redirect)));
        }
        for (Filters.Mirror mirror : filters.mirrors()) {
            Map<String, Object> copy = new LinkedHashMap<>();
            copy.put("to", mirror.to());
            if (mirror.denominator() == Filters.Mirror.PERCENT) {
                copy.put("percent", mirror.numerator());
            } else {
                copy.put("fraction", Map.of("numerator", mirror.numerator(), "denominator", mirror.denominator()));
            }
            all.add(Map.of("requestMirror", copy));
        }
        filters.cors().ifPresent(cors -> all.add(Map.of("cors", cors(cors))));
        filters.compression().ifPresent(compression -> {
            Map<String, Object> words = new LinkedHashMap<>();
            list(words, "types", compression.types());
            words.put("minLength", compression.minLength());
            all.add(Map.of("compression", words));
        });
        list(out, "filters", all);
        tries(out, filters.tries());
        one(out, "sessionPersistence", filters.session().map(this::session));
    }

    private static void edit(List<Map<String, Object>> all, String key, HeaderEdit edit) {
        if (!edit.equals(HeaderEdit.NONE)) {
            Map<String, Object> out = new LinkedHashMap<>();
            list(out, "set", edit.set().stream().map(HttpText::line).toList());
            list(out, "add", edit.add().stream().map(HttpText::line).toList());
            list(out, "remove", edit.remove());
            all.add(Map.of(key, out));
        }
    }

    private static Map<String, Object> line(HeaderEdit.Line line) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", line.name());
        out.put("value", line.value());
        return out;
    }

    private static List<Map<String, Object>> lines(Fields fields) {
        List<Map<String, Object>> lines = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            lines.add(line(new HeaderEdit.Line(fields.name(i), fields.value(i))));
        }
        return lines;
    }

    private static Map<String, Object> rewrite(Filters.Rewrite rewrite) {
        Map<String, Object> out = new LinkedHashMap<>();
        one(out, "hostname", rewrite.hostname());
        one(out, "path", rewrite.path().map(HttpText::change));
        return out;
    }

    private static Map<String, Object> redirect(Route.Redirect redirect) {
        Map<String, Object> out = new LinkedHashMap<>();
        one(out, "scheme", redirect.scheme());
        one(out, "hostname", redirect.hostname());
        one(out, "port", redirect.port());
        one(out, "path", redirect.path().map(HttpText::change));
        out.put("statusCode", redirect.status());
        return out;
    }

    private static Map<String, Object> change(PathChange change) {
        Map<String, Object> out = new LinkedHashMap<>();
        if (change instanceof PathChange.Full full) {
            out.put("type", HttpForms.FULL_PATH);
            out.put("replaceFullPath", full.path());
        } else if (change instanceof PathChange.Prefix prefix) {
            out.put("type", HttpForms.PREFIX_MATCH);
            out.put("replacePrefixMatch", prefix.replacement());
        }
        return out;
    }

    private Map<String, Object> cors(Filters.Cors cors) {
        Map<String, Object> out = new LinkedHashMap<>();
        list(out, "allowOrigins", cors.origins());
        out.put("allowCredentials", cors.credentials());
        list(out, "allowMethods", cors.methods());
        list(out, "allowHeaders", cors.headers());
        list(out, "exposeHeaders", cors.exposed());
        out.put("maxAge", durations.apply(cors.maxAge()));
        return out;
    }

    private void tries(Map<String, Object> out, Tries tries) {
        Map<String, Object> timeouts = new LinkedHashMap<>();
        one(timeouts, "request", tries.request().map(durations));
        one(timeouts, "backendRequest", tries.backendRequest().map(durations));
        if (!timeouts.isEmpty()) {
            out.put("timeouts", timeouts);
        }
        tries.retry().ifPresent(retry -> {
            Map<String, Object> again = new LinkedHashMap<>();
            again.put("attempts", retry.attempts());
            list(again, "codes", retry.codes().stream().sorted().toList());
            one(again, "backoff", retry.backoff().map(durations));
            out.put("retry", again);
        });
    }

    private Map<String, Object> session(SessionPersistence session) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("type", session.cookie() ? FilterReader.COOKIE : FilterReader.HEADER);
        out.put("sessionName", session.name());
        one(out, "absoluteTimeout", session.absoluteTimeout().map(durations));
        if (session.permanent()) {
            out.put("cookieConfig", Map.of("lifetimeType", FilterReader.PERMANENT));
        }
        return out;
    }

    private static void one(Map<String, Object> out, String key, Optional<?> value) {
        value.ifPresent(present -> out.put(key, present));
    }

    private static void list(Map<String, Object> out, String key, List<?> values) {
        if (!values.isEmpty()) {
            out.put(key, values);
        }
    }
}
