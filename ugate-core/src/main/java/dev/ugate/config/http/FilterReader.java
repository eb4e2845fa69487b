package dev.ugate.config.http;

import dev.ugate.config.yaml.Problems;
import dev.ugate.config.yaml.Value.Fields;
import dev.ugate.model.Route;
import dev.ugate.model.http.Filters;
import dev.ugate.model.http.HeaderEdit;
import dev.ugate.model.http.HttpMatch;
import dev.ugate.model.http.PathChange;
import dev.ugate.model.http.PathMatch;
import dev.ugate.model.http.SessionPersistence;
import dev.ugate.model.http.Tries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads the filters, timeouts and retries of a route. */
public record FilterReader(Problems problems) {
    /** The words of the Gateway API, each of which is also a key when it begins in lower case. */
    static final List<String> TYPES = List.of(
            "RequestHeaderModifier",
            "ResponseHeaderModifier",
            "URLRewrite",
            "RequestRedirect",
            "RequestMirror",
            "CORS",
            "Compression");

    private static final List<String> KEYS = List.of(
            "requestHeaderModifier",
            "responseHeaderModifier",
            "urlRewrite",
            "requestRedirect",
            "requestMirror",
            "cors",
            "compression");

    /** Those for requests on their way to an upstream. */
    private static final List<String> FORTH = List.of("requestHeaderModifier", "urlRewrite", "requestMirror");

    static final String COOKIE = "Cookie";
    static final String HEADER = "Header";
    static final String PERMANENT = "Permanent";
    static final List<String> SESSIONS = List.of(COOKIE, HEADER);
    static final List<String> LIFETIMES = List.of("Session", PERMANENT);

    /** Those that do nothing unless they say what; a redirect would lead back here. */
    private static final List<String> EDITS =
            List.of("requestHeaderModifier", "responseHeaderModifier", "urlRewrite", "requestRedirect");

    private static final int FOUND = 302;
    private static final int MIN_LENGTH = 1024;
    private static final Duration MAX_AGE = Duration.ofSeconds(5);
    private static final List<String> TEXTS = List.of(
            "text/*",
            "application/json",
            "application/javascript",
            "application/xml",
            "application/xhtml+xml",
            "application/wasm",
            "image/svg+xml");

    /** Whether one of the filters is a redirect, which answers in place of an upstream. */
    public static boolean redirects(Fields route) {
        return route.each("filters").stream().anyMatch(filter -> filter.has("requestRedirect"));
    }

    /** Everything but redirects; {@code match} is that of the route. */
    public Filters filters(Fields route, HttpMatch match) {
        List<Fields> filters = route.each("filters");
        Set<String> seen = new HashSet<>();
        filters.forEach(filter -> single(filter, seen));
        Filters read = new Filters(
                first(filters, "requestHeaderModifier").map(this::edit).orElse(HeaderEdit.NONE),
                first(filters, "responseHeaderModifier").map(this::edit).orElse(HeaderEdit.NONE),
                first(filters, "urlRewrite").map(fields -> rewrite(fields, match)),
                filters.stream()
                        .filter(filter -> filter.has("requestMirror"))
                        .flatMap(filter -> mirror(filter.fields("requestMirror")))
                        .toList(),
                first(filters, "cors").map(FilterReader::cors),
                first(filters, "compression").map(FilterReader::compression),
                tries(route),
                session(route));
        if (route.has("deny") && !read.isNone()) {
            problems.add(route.place(), "filters beside deny: expected none, since nothing is forwarded or answered");
        }
        if (route.has("local") || redirects(route)) {
            answered(route, filters);
        }
        return read;
    }

    /** What would change or bound a request that goes nowhere. */
    private void answered(Fields route, List<Fields> filters) {
        String text = "beside local or requestRedirect: expected none, since nothing is forwarded";
        for (Fields filter : filters) {
            FORTH.stream().filter(filter::has).forEach(key -> problems.add(filter.at(key), text));
        }
        Stream.of("timeouts", "retry", "sessionPersistence")
                .filter(route::has)
                .forEach(key -> problems.add(route.at(key), text));
    }

    private static Optional<Fields> first(List<Fields> filters, String key) {
        return filters.stream().filter(filter -> filter.has(key)).findFirst().map(filter -> filter.fields(key));
    }

    private void single(Fields filter, Set<String> seen) {
        List<String> keys = KEYS.stream().filter(filter::has).toList();
        if (keys.size() != 1) {
            problems.add(
                    filter.place(), keys.size() + " filters in one item: expected one of " + String.join(", ", KEYS));
            return;
        }
        String key = keys.get(0);
        if (!key.equals("requestMirror") && !seen.add(key)) {
            problems.add(filter.at(key), "filter twice: expected once in a route");
        }
        if (EDITS.contains(key) && filter.fields(key).values().isEmpty()) {
            problems.add(filter.at(key), "nothing in it: expected what it changes");
        }
        filter.one("type", String.class)
                .filter(type -> !type.toLowerCase(Locale.ROOT).equals(key.toLowerCase(Locale.ROOT)))
                .ifPresent(type -> problems.add(filter.at("type"), "type " + type + ": beside " + key));
    }

    private HeaderEdit edit(Fields fields) {
        HeaderEdit edit =
                new HeaderEdit(lines(fields, "set"), lines(fields, "add"), fields.all("remove", String.class));
        Set<String> names = new HashSet<>();
        Stream.of(edit.set().stream().map(HeaderEdit.Line::name), edit.remove().stream())
                .flatMap(all -> all)
                .filter(name -> !names.add(name))
                .forEach(
                        name -> problems.add(fields.place(), "name " + name + ": twice: expected set or remove, once"));
        edit.add().stream()
                .map(HeaderEdit.Line::name)
                .filter(names::contains)
                .forEach(name -> problems.add(fields.place(), "name " + name + ": added beside set or remove"));
        return edit;
    }

    /** The {@code headers} of an answer. */
    public static dev.ugate.model.http.Fields headers(Fields local) {
        return new HeaderEdit(List.of(), lines(local, "headers"), List.of()).apply(dev.ugate.model.http.Fields.NONE);
    }

    private static List<HeaderEdit.Line> lines(Fields fields, String key) {
        List<HeaderEdit.Line> lines = new ArrayList<>();
        for (Fields line : fields.each(key)) {
            line.one("name", String.class)
                    .ifPresent(name -> line.one("value", String.class)
                            .ifPresent(value -> lines.add(new HeaderEdit.Line(name, value))));
        }
        return lines;
    }

    private Filters.Rewrite rewrite(Fields fields, HttpMatch match) {
        return new Filters.Rewrite(fields.one("hostname", String.class), change(fields, match));
    }

    /** The redirect among the filters of a route. */
    public Optional<Route.Redirect> redirect(Fields route, HttpMatch match) {
        return first(route.each("filters"), "requestRedirect")
                .map(fields -> new Route.Redirect(
                        fields.one("scheme", String.class),
                        fields.one("hostname", String.class),
                        fields.one("port", Integer.class),
                        change(fields, match),
                        fields.one("statusCode", Integer.class).orElse(FOUND)));
    }

    private Optional<PathChange> change(Fields owner, HttpMatch match) {
        if (!owner.has("path")) {
            return Optional.empty();
        }
        Fields fields = owner.fields("path");
        Optional<String> full = fields.one("replaceFullPath", String.class);
        Optional<String> prefix = fields.one("replacePrefixMatch", String.class);
        String type = fields.one("type", String.class)
                .orElse(prefix.isPresent() ? HttpForms.PREFIX_MATCH : HttpForms.FULL_PATH);
        if (fields.has("replaceFullPath") == fields.has("replacePrefixMatch")
                || fields.has("replaceFullPath") != type.equals(HttpForms.FULL_PATH)) {
            problems.add(owner.at("path"), "expected replaceFullPath or replacePrefixMatch, and its type or none");
            return Optional.empty();
        }
        return full.<PathChange>map(PathChange.Full::new)
                .or(() -> prefix.map(text -> new PathChange.Prefix(prefixes(fields, match), text)));
    }

    private List<PathMatch.Prefix> prefixes(Fields fields, HttpMatch match) {
        if (match.paths().isEmpty()) {
            return List.of(new PathMatch.Prefix("/"));
        }
        List<PathMatch.Prefix> prefixes = match.paths().stream()
                .filter(PathMatch.Prefix.class::isInstance)
                .map(PathMatch.Prefix.class::cast)
                .toList();
        if (prefixes.size() < match.paths().size()) {
            problems.add(
                    fields.at("replacePrefixMatch"),
                    "beside match.path of another type: expected PathPrefix only, whose prefix is replaced");
        }
        return prefixes;
    }

    private Stream<Filters.Mirror> mirror(Fields fields) {
        Fields fraction = fields.fields("fraction");
        if (fields.has("fraction") && fields.has("percent")) {
            problems.add(fields.at("fraction"), "beside percent: expected one of them");
        }
        int denominator = fraction.one("denominator", Integer.class).orElse(Filters.Mirror.PERCENT);
        int numerator = fraction.one("numerator", Integer.class)
                .or(() -> fields.one("percent", Integer.class))
                .orElse(denominator);
        if (numerator > denominator) {
            problems.add(fraction.at("numerator"), "more than denominator: expected at most " + denominator);
        }
        return fields.one("to", String.class).stream().map(to -> new Filters.Mirror(to, numerator, denominator));
    }

    private static Filters.Cors cors(Fields fields) {
        return new Filters.Cors(
                fields.all("allowOrigins", String.class),
                fields.one("allowCredentials", Boolean.class).orElse(false),
                fields.all("allowMethods", String.class),
                fields.all("allowHeaders", String.class),
                fields.all("exposeHeaders", String.class),
                fields.one("maxAge", Duration.class).orElse(MAX_AGE));
    }

    private static Filters.Compression compression(Fields fields) {
        List<String> types = fields.all("types", String.class);
        return new Filters.Compression(
                types.isEmpty() ? TEXTS : types,
                fields.one("minLength", Integer.class).orElse(MIN_LENGTH));
    }

    private Optional<SessionPersistence> session(Fields route) {
        if (!route.has("sessionPersistence")) {
            return Optional.empty();
        }
        Fields fields = route.fields("sessionPersistence");
        Fields cookie = fields.fields("cookieConfig");
        boolean isCookie = !fields.one("type", String.class).equals(Optional.of(HEADER));
        boolean permanent = cookie.one("lifetimeType", String.class).equals(Optional.of(PERMANENT));
        String name = fields.one("sessionName", String.class)
                .orElseGet(() -> "ugate-" + route.one("name", String.class).orElse(""));
        Optional<Duration> limit = fields.one("absoluteTimeout", Duration.class);
        if (!isCookie && fields.has("cookieConfig")) {
            problems.add(fields.at("cookieConfig"), "beside type Header: expected none");
        }
        if (permanent && limit.isEmpty()) {
            problems.add(cookie.at("lifetimeType"), "Permanent: expected absoluteTimeout, which says how long");
        }
        if (limit.isPresent() && limit.get().toSeconds() == 0) {
            problems.add(fields.at("absoluteTimeout"), "less than a second: expected at least 1s");
        }
        return Optional.of(
                new SessionPersistence(isCookie ? name : name.toLowerCase(Locale.ROOT), isCookie, limit, permanent));
    }

    private Tries tries(Fields route) {
        Fields timeouts = route.fields("timeouts");
        Fields retry = route.fields("retry");
        Optional<Duration> request = timeouts.one("request", Duration.class);
        Optional<Duration> backendRequest = timeouts.one("backendRequest", Duration.class);
        if (request.isPresent()
                && !request.get().isZero()
                && backendRequest.isPresent()
                && backendRequest.get().compareTo(request.get()) > 0) {
            problems.add(
                    timeouts.at("backendRequest"),
                    "longer than request, which holds all attempts: expected at most that");
        }
        return new Tries(
                request,
                backendRequest,
                route.has("retry")
                        ? Optional.of(new Tries.Retry(
                                retry.one("attempts", Integer.class).orElse(1),
                                Set.copyOf(retry.all("codes", Integer.class)),
                                retry.one("backoff", Duration.class)))
                        : Optional.empty());
    }
}
