package dev.ugate.model.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Conditions on a request: one of the methods, one of the paths, every header and every query parameter. Repeated slashes count as
 * one, because servers differ on them (T43).
 *
 * @param preflights whether what a browser asks before it uses one of the methods fits too (Fetch standard §3.2.2)
 */
public record HttpMatch(
        List<String> methods,
        List<PathMatch> paths,
        List<FieldMatch> headers,
        List<FieldMatch> queryParams,
        boolean preflights) {
    /** Fits every request, and what is none. */
    public static final HttpMatch ANY = new HttpMatch(List.of(), List.of(), List.of(), List.of());

    public HttpMatch {
        methods = List.copyOf(methods);
        paths = List.copyOf(paths);
        headers = List.copyOf(headers);
        queryParams = List.copyOf(queryParams);
    }

    public HttpMatch(
            List<String> methods, List<PathMatch> paths, List<FieldMatch> headers, List<FieldMatch> queryParams) {
        this(methods, paths, headers, queryParams, false);
    }

    /** The same, and what a browser asks before such a request. */
    public HttpMatch withPreflights() {
        return new HttpMatch(methods, paths, headers, queryParams, true);
    }

    public boolean isAny() {
        return methods.isEmpty() && paths.isEmpty() && headers.isEmpty() && queryParams.isEmpty();
    }

    /** Whether a request fits, for what permits or directs: every value of a repeated name must. {@code target} has the query. */
    public boolean fits(String method, String target, Fields fields) {
        return (methods.isEmpty() || methods.contains(method) || preflights && isAsked(method, fields))
                && (paths.isEmpty() || onPath(path(target)))
                && headers.stream().allMatch(header -> header.every(fields.all(header.name())))
                && queryParams.stream().allMatch(parameter -> parameter.every(values(target, parameter.name())));
    }

    /** Whether a request fits, for what forbids: one value of a repeated name is enough, and so is a path but for its parameters. */
    public boolean touches(String method, String target, Fields fields) {
        return (methods.isEmpty() || methods.contains(method))
                && (paths.isEmpty() || onPath(path(target)) || onPath(path(withoutParameters(path(target)))))
                && headers.stream().allMatch(header -> header.any(fields.all(header.name())))
                && queryParams.stream().allMatch(parameter -> parameter.any(values(target, parameter.name())));
    }

    private boolean isAsked(String method, Fields fields) {
        return method.equals("OPTIONS")
                && fields.has("origin")
                && methods.contains(
                        fields.first("access-control-request-method").orElse(""));
    }

    private boolean onPath(String path) {
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).fits(path)) {
                return true;
            }
        }
        return false;
    }

    /** The path of a target as it is compared: without the query, repeated slashes made one. */
    public static String path(String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        return path.contains("//") ? merged(path) : path;
    }

    private static String merged(String path) {
        StringBuilder out = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) != '/' || i == 0 || path.charAt(i - 1) != '/') {
                out.append(path.charAt(i));
            }
        }
        return out.toString();
    }

    /** Without {@code ;name=value} at the end of segments, which some servers strip (T43). */
    private static String withoutParameters(String path) {
        if (path.indexOf(';') < 0) {
            return path;
        }
        StringBuilder out = new StringBuilder(path.length());
        boolean parameter = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            parameter = c == ';' || parameter && c != '/';
            if (!parameter) {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static List<String> values(String target, String name) {
        int query = target.indexOf('?');
        if (query < 0) {
            return List.of();
        }
        List<String> values = new ArrayList<>(1);
        for (String pair : target.substring(query + 1).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (decoded(equals < 0 ? pair : pair.substring(0, equals)).equals(name)) {
                values.add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
            }
        }
        return values;
    }

    private static String decoded(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException noEscape) {
            return text;
        }
    }

    @Override
    public String toString() {
        return isAny()
                ? "any"
                : "methods " + methods + " paths " + paths + " headers " + headers + " query " + queryParams;
    }
}
