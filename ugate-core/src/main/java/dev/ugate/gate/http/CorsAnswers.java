package dev.ugate.gate.http;

import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Filters.Cors;
import dev.ugate.model.http.HeaderEdit;
import dev.ugate.model.http.HeaderEdit.Line;
import dev.ugate.spi.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** What browsers are told about who may use a reply (Fetch standard §3.2). Pure. */
public final class CorsAnswers {
    private static final String ORIGIN = "origin";
    private static final String ASKED_METHOD = "access-control-request-method";
    private static final List<String> OURS = List.of(
            "access-control-allow-origin",
            "access-control-allow-credentials",
            "access-control-allow-methods",
            "access-control-allow-headers",
            "access-control-expose-headers",
            "access-control-max-age");

    private CorsAnswers() {}

    /** Whether the browser only asks whether it may send the real request. */
    public static boolean isPreflight(Request request) {
        return request.method().equals("OPTIONS")
                && request.fields().has(ORIGIN)
                && request.fields().has(ASKED_METHOD);
    }

    /** The fields of the answer to a preflight; without permission where there is none. */
    public static Fields preflight(Cors cors, Request request) {
        List<Line> lines = new ArrayList<>();
        permitted(cors, request).ifPresent(origin -> {
            allow(cors, origin, Fields.NONE, lines);
            list(
                    "access-control-allow-methods",
                    cors.methods(),
                    cors,
                    request.fields().first(ASKED_METHOD),
                    lines);
            list(
                    "access-control-allow-headers",
                    cors.headers(),
                    cors,
                    request.fields().first("access-control-request-headers"),
                    lines);
            lines.add(new Line(
                    "access-control-max-age", Long.toString(cors.maxAge().toSeconds())));
        });
        return new HeaderEdit(List.of(), lines, List.of())
                .apply(Fields.of("vary", "origin, access-control-request-method, access-control-request-headers"));
    }

    /** The fields of a real reply: what the upstream said about this is replaced. */
    public static Fields reply(Cors cors, Request request, Fields fields) {
        List<Line> lines = new ArrayList<>();
        permitted(cors, request).ifPresent(origin -> allow(cors, origin, fields, lines));
        lines.add(new Line("vary", ORIGIN));
        return new HeaderEdit(List.of(), lines, OURS).apply(fields);
    }

    /** {@code *} means nothing beside credentials: the origin is named, and the fields of the reply are. */
    private static void allow(Cors cors, String origin, Fields reply, List<Line> lines) {
        boolean anybody = cors.origins().contains("*") && !cors.credentials();
        lines.add(new Line("access-control-allow-origin", anybody ? "*" : origin));
        if (cors.credentials()) {
            lines.add(new Line("access-control-allow-credentials", "true"));
        }
        List<String> exposed = cors.credentials() && cors.exposed().contains("*")
                ? IntStream.range(0, reply.size())
                        .mapToObj(reply::name)
                        .distinct()
                        .toList()
                : cors.exposed();
        if (!exposed.isEmpty()) {
            lines.add(new Line("access-control-expose-headers", String.join(", ", exposed)));
        }
    }

    /** What is allowed of what was asked for, which is repeated where {@code *} means nothing. */
    private static void list(String name, List<String> allowed, Cors cors, Optional<String> asked, List<Line> lines) {
        boolean repeated = cors.credentials() && allowed.contains("*");
        asked.filter(words -> !allowed.isEmpty())
                .ifPresent(words -> lines.add(new Line(name, repeated ? words : String.join(", ", allowed))));
    }

    private static Optional<String> permitted(Cors cors, Request request) {
        return request.fields()
                .first(ORIGIN)
                .filter(origin -> cors.origins().stream().anyMatch(pattern -> fits(pattern, origin)));
    }

    private static boolean fits(String pattern, String origin) {
        int star = pattern.indexOf("://*");
        if (star < 0) {
            return pattern.equals("*") || pattern.equalsIgnoreCase(origin);
        }
        String scheme = pattern.substring(0, star + 3);
        String rest = pattern.substring(star + 4);
        int end = origin.length() - rest.length();
        return end > scheme.length()
                && origin.regionMatches(true, 0, scheme, 0, scheme.length())
                && origin.regionMatches(true, end, rest, 0, rest.length())
                && isHost(origin.substring(scheme.length(), end));
    }

    /** Whether what stands for the star brings no port of its own. */
    private static boolean isHost(String text) {
        return text.indexOf(':') < 0 || text.endsWith("]");
    }
}
