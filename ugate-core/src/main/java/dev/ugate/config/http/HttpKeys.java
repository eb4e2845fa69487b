package dev.ugate.config.http;

import static dev.ugate.config.yaml.Kind.key;
import static dev.ugate.config.yaml.Kind.mapping;

import dev.ugate.config.yaml.Kind;
import dev.ugate.config.yaml.Kind.Either;
import dev.ugate.config.yaml.Kind.Mapping;
import dev.ugate.config.yaml.Kind.OneOrMany;
import dev.ugate.config.yaml.Kind.Sequence;
import java.util.List;

/**
 * The keys that only HTTP has, under the names of the Kubernetes Gateway API.
 *
 * @param destination form of host:port
 * @param duration form of a time above zero
 * @param timeout form of a time, zero for none
 * @param host form of a host name
 */
public record HttpKeys(Kind destination, Kind duration, Kind timeout, Kind host) {
    /** Finest share of the requests. */
    private static final int PARTS = 1_000_000;

    /** The keys of {@code match} and of policy rules. */
    public static List<Kind.Key> match() {
        return List.of(
                key("method", new OneOrMany(HttpForms.METHOD), "method of the request"),
                key(
                        "path",
                        new OneOrMany(new Either(
                                HttpForms.PATH,
                                mapping(
                                        key("type", HttpForms.PATH_TYPE, "default PathPrefix"),
                                        key("value", HttpForms.TEXT, "path or RE2 expression")
                                                .asRequired()))),
                        "path of the request: a prefix of whole elements, or type and value"),
                key("headers", texts(HttpForms.NAME), "header fields that must all fit"),
                key("queryParams", texts(HttpForms.TEXT), "query parameters that must all fit"));
    }

    private static Kind texts(Kind name) {
        return new Sequence(
                mapping(
                        key("name", name, "of the field or parameter").asRequired(),
                        key("type", HttpForms.TEXT_TYPE, "default Exact"),
                        key("value", HttpForms.TEXT, "value or RE2 expression").asRequired()),
                false);
    }

    /** The keys of a route. */
    public List<Kind.Key> route() {
        return List.of(
                key("filters", new Sequence(filter(), true), "what becomes of requests and their replies"),
                key(
                        "timeouts",
                        mapping(
                                key("request", timeout, "from the request to the end of its reply; 0s for no limit"),
                                key(
                                        "backendRequest",
                                        timeout,
                                        "of each attempt, until the reply's head; 0s for no limit")),
                        "how long requests may take"),
                key(
                        "retry",
                        mapping(
                                key("attempts", HttpForms.count(0, 10), "after the first; default 1"),
                                key(
                                        "codes",
                                        new OneOrMany(HttpForms.count(400, 599)),
                                        "statuses after which there is another attempt"),
                                key("backoff", duration, "least time between two attempts")),
                        "when requests are sent again"),
                key("sessionPersistence", session(), "keeps the requests of a session at one endpoint"));
    }

    private Mapping session() {
        return mapping(
                key("type", Kind.words(FilterReader.SESSIONS, java.util.Map.of()), "default Cookie"),
                key(
                        "sessionName",
                        HttpForms.SESSION,
                        "of the cookie or field; default ugate- and the name of the route"),
                key("absoluteTimeout", duration, "whole seconds until a session begins anew; default never"),
                key(
                        "cookieConfig",
                        mapping(key(
                                "lifetimeType",
                                Kind.words(FilterReader.LIFETIMES, java.util.Map.of()),
                                "default Session: until the browser ends; Permanent needs absoluteTimeout")),
                        "of a cookie"));
    }

    /** The keys of an answer that is given here. */
    public static Mapping local(Kind status) {
        return mapping(
                key("status", status, "HTTP status; needed without health"),
                key("headers", lines(HttpForms.EDITED), "fields of the answer"),
                key("body", HttpForms.TEXT, "text of the answer; default empty"),
                key("health", HttpForms.FLAG, "true to answer 200 while this instance takes requests"));
    }

    private Mapping filter() {
        return mapping(
                key("type", Kind.words(FilterReader.TYPES, java.util.Map.of()), "may be left out"),
                key("requestHeaderModifier", edit(), "changes the fields that the upstream sees"),
                key("responseHeaderModifier", edit(), "changes the fields that the client sees"),
                key(
                        "urlRewrite",
                        mapping(key("hostname", host, "Host for the upstream"), key("path", change(), "another path")),
                        "changes where the upstream sees the request go"),
                key("requestRedirect", redirect(), "sends the client elsewhere"),
                key(
                        "requestMirror",
                        mapping(
                                key("to", destination, "host:port that gets copies")
                                        .asRequired(),
                                key("percent", HttpForms.count(0, 100), "of the requests; default 100"),
                                key(
                                        "fraction",
                                        mapping(
                                                key("numerator", HttpForms.count(0, PARTS), "of how many")
                                                        .asRequired(),
                                                key("denominator", HttpForms.count(1, PARTS), "default 100")),
                                        "of the requests, in place of percent")),
                        "sends copies of requests, whose replies are thrown away"),
                key("cors", cors(), "which other origins may use the replies in a browser"),
                key(
                        "compression",
                        mapping(
                                key("types", new OneOrMany(HttpForms.MEDIA_TYPE), "media types; default texts"),
                                key("minLength", HttpForms.count(0, 1 << 30), "bytes; default 1024")),
                        "compresses replies with gzip for clients that take it"));
    }

    private static Mapping edit() {
        return mapping(
                key("set", lines(HttpForms.EDITED), "replace fields of the same name"),
                key("add", lines(HttpForms.EDITED), "stand beside fields of the same name"),
                key("remove", new OneOrMany(HttpForms.EDITED), "names"));
    }

    private static Kind lines(Kind name) {
        return new Sequence(
                mapping(
                        key("name", name, "of the field").asRequired(),
                        key("value", HttpForms.VALUE, "of the field").asRequired()),
                false);
    }

    private static Mapping change() {
        return mapping(
                key("type", HttpForms.CHANGE_TYPE, "may be left out"),
                key("replaceFullPath", HttpForms.PATH, "the whole path"),
                key("replacePrefixMatch", HttpForms.REPLACEMENT, "instead of the prefix that match.path found"));
    }

    private Mapping redirect() {
        return mapping(
                key("scheme", HttpForms.SCHEME, "default that of the request"),
                key("hostname", host, "default that of the request"),
                key("port", HttpForms.count(1, 65535), "default the scheme's, or that of the request"),
                key("path", change(), "default that of the request"),
                key("statusCode", HttpForms.REDIRECT_STATUS, "default 302"));
    }

    private Mapping cors() {
        return mapping(
                key("allowOrigins", new OneOrMany(HttpForms.ORIGIN), "* or scheme://host[:port], *.domain as host")
                        .asRequired(),
                key("allowCredentials", HttpForms.FLAG, "default false"),
                key("allowMethods", new OneOrMany(HttpForms.METHOD_OR_ANY), "default none beyond the simple ones"),
                key("allowHeaders", new OneOrMany(HttpForms.NAME_OR_ANY), "default none beyond the simple ones"),
                key("exposeHeaders", new OneOrMany(HttpForms.NAME_OR_ANY), "default none beyond the simple ones"),
                key("maxAge", duration, "how long the answer may be kept; default 5s"));
    }
}
