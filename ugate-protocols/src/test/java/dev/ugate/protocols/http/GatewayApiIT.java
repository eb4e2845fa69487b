package dev.ugate.protocols.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.model.Route;
import dev.ugate.spi.Credentials;
import dev.ugate.spi.Ingress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the conformance tests of the Kubernetes Gateway API expect of its HTTPRoute, as tables in {@code resources/gateway-api}.
 *
 * <p>{@code = NAME} begins the routes that a conformance test of that name is written for here, in which {@code v1}, {@code v2} and
 * {@code v3} are origins. {@code > METHOD TARGET | name: value} is asked, of the host a.example unless it says another; a field
 * {@code tell-NAME} is one of the origin's reply, and {@code fail=STATUS&times=N} in the query fails the first attempts,
 * with {@code late} and {@code reset} in place of a status without an answer. {@code < STATUS | by ORIGIN | saw METHOD TARGET |
 * saw name: value | saw -name | name: value | -name | attempts N} is what comes of it: who answered, what it saw, what the client
 * got, fields that are absent, and how often origins were asked.
 */
@Timeout(60)
final class GatewayApiIT {
    private static final String TELL = "tell-";
    private static final Proxy PROXY = new Proxy(Ingress.Forward.NONE, Credentials.NONE);
    private static final List<String> ORIGINS = new ArrayList<>();

    /** How many requests each origin saw, and how many of them were for each target. */
    private static final Map<String, Integer> SEEN = new ConcurrentHashMap<>();

    private static final CompletableFuture<Void> OVER = new CompletableFuture<>();
    private static final Pattern FAILURE = Pattern.compile("fail=([a-z0-9]+)(?:&times=([0-9]+))?");

    @BeforeAll
    static void open() throws IOException {
        for (String name : List.of("v1", "v2", "v3")) {
            ORIGINS.add(PROXY.origin(exchange -> echo(name, exchange)));
        }
    }

    @AfterAll
    static void close() {
        OVER.complete(null);
        PROXY.close();
    }

    /** HTTPRouteRequestMirror, HTTPRouteRequestMultipleMirrors and HTTPRouteRequestPercentageMirror. */
    @Test
    void copiesTheShareThatWasAskedFor() throws IOException {
        PROXY.waist.routes(routes("""
                - {name: all, match: {path: /all}, to: v1, filters: [{requestMirror: {to: v2}}, {requestMirror: {to: v3}}]}
                - name: some
                  to: v1
                  filters:
                    - requestMirror: {to: v2, percent: 20}
                    - requestMirror: {to: v3, fraction: {numerator: 25, denominator: 50}}
                """));
        SEEN.clear();

        assertThat(ask("GET /all")).contains("200", "by v1");
        assertThat(copies("v2")).isEqualTo(1);
        assertThat(copies("v3")).isEqualTo(1);
        int requests = 200;
        for (int i = 0; i < requests; i++) {
            assertThat(ask("GET /some")).contains("200", "by v1");
        }
        // Six standard deviations of so many throws.
        assertThat(copies("v2")).isBetween(40 - 34, 40 + 34);
        assertThat(copies("v3")).isBetween(100 - 42, 100 + 42);
    }

    /** How many copies an origin has seen since it was asked last, once none is under way. */
    private static int copies(String origin) {
        await().until(() -> PROXY.gate.roundTrip().mirrors().live() == 0);
        return Objects.requireNonNullElse(SEEN.remove(origin), 0);
    }

    /** One question. */
    record Case(String test, Route[] routes, String asked, String expected) {
        @Override
        public String toString() {
            return test + " " + asked;
        }
    }

    static Stream<Case> matching() throws IOException {
        return cases("matching.txt");
    }

    static Stream<Case> filters() throws IOException {
        return cases("filters.txt");
    }

    static Stream<Case> attempts() throws IOException {
        return cases("attempts.txt");
    }

    @ParameterizedTest
    @MethodSource({"matching", "filters", "attempts"})
    void doesWhatTheGatewayApiExpects(Case one) throws IOException {
        PROXY.waist.routes(one.routes());
        SEEN.clear();

        List<String> facts = ask(one.asked());
        facts.add("attempts " + SEEN.get(one.asked().split(" ")[1]));

        for (String fact : one.expected().split(" \\| ")) {
            if (fact.startsWith("-") || fact.startsWith("saw -")) {
                String absent = fact.replaceFirst("-", "") + ": ";
                assertThat(facts).as(fact).noneMatch(line -> line.startsWith(absent));
            } else {
                assertThat(facts).contains(fact);
            }
        }
    }

    private static Route[] routes(String yaml) {
        String routes = yaml;
        for (int i = 0; i < ORIGINS.size(); i++) {
            routes = routes.replaceAll("(?<=[ \\[])v" + (i + 1) + "(?=[,}\\]\\n])", "\"" + ORIGINS.get(i) + "\"");
        }
        Config config = ConfigFile.parse(
                "version: 1\nlisteners: [{address: \"127.0.0.1:0\"}]\nroutes:\n" + routes, Path.of("/"));
        return config.routes().toArray(Route[]::new);
    }

    /** What comes of a request: fields of the reply, and the lines of its body, which are the origin's. */
    private static List<String> ask(String asked) throws IOException {
        String[] parts = asked.split(" \\| ");
        StringBuilder head = new StringBuilder(parts[0] + " HTTP/1.1\r\nConnection: close\r\n");
        if (!asked.contains("| host:")) {
            head.append("Host: a.example\r\n");
        }
        for (int i = 1; i < parts.length; i++) {
            head.append(parts[i]).append("\r\n");
        }
        String heard;
        try (Proxy.Client client = PROXY.client()) {
            heard = client.say(head + "\r\n").hearAll();
        }
        int body = heard.indexOf("\r\n\r\n");
        String[] lines = heard.substring(0, body).split("\r\n");
        List<String> facts = new ArrayList<>(List.of(heard.substring(body + 4).split("\n")));
        facts.add(lines[0].split(" ")[1]);
        Stream.of(lines)
                .skip(1)
                .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))
                .distinct()
                .forEach(name -> facts.add(name + ": "
                        + String.join(
                                ",",
                                Stream.of(lines)
                                        .filter(line ->
                                                line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                                        .map(line -> line.substring(name.length() + 1)
                                                .strip())
                                        .toList())));
        return facts;
    }

    private static void echo(String name, HttpExchange exchange) throws IOException {
        StringBuilder text = new StringBuilder(
                "by " + name + "\nsaw " + exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n");
        exchange.getRequestHeaders().forEach((field, values) -> {
            String lower = field.toLowerCase(Locale.ROOT);
            text.append("saw ")
                    .append(lower)
                    .append(": ")
                    .append(String.join(",", values))
                    .append('\n');
            if (lower.startsWith(TELL)) {
                exchange.getResponseHeaders().put(field.substring(TELL.length()), values);
            }
        });
        SEEN.merge(name, 1, Integer::sum);
        String target = exchange.getRequestURI().toString();
        int attempt = SEEN.merge(target, 1, Integer::sum);
        Matcher failure = FAILURE.matcher(target);
        if (failure.find() && (failure.group(2) == null || attempt <= Integer.parseInt(failure.group(2)))) {
            fail(failure.group(1), exchange);
            return;
        }
        byte[] body = text.toString().getBytes(StandardCharsets.US_ASCII);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(200, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    /** An end of the exchange without a reply resets it. */
    private static void fail(String how, HttpExchange exchange) throws IOException {
        if (how.equals("late")) {
            OVER.join();
        } else if (!how.equals("reset")) {
            exchange.sendResponseHeaders(Integer.parseInt(how), -1);
        }
    }

    private static Stream<Case> cases(String file) throws IOException {
        List<Case> cases = new ArrayList<>();
        String test = "";
        String asked = "";
        StringBuilder yaml = new StringBuilder();
        Route[] routes = {};
        try (InputStream in = Objects.requireNonNull(GatewayApiIT.class.getResourceAsStream("/gateway-api/" + file))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.startsWith("= ")) {
                    test = line.substring(2);
                    yaml.setLength(0);
                } else if (line.startsWith("> ")) {
                    routes = yaml.isEmpty() ? routes : routes(yaml.toString());
                    yaml.setLength(0);
                    asked = line.substring(2);
                } else if (line.startsWith("< ")) {
                    cases.add(new Case(test, routes, asked, line.substring(2)));
                } else {
                    yaml.append(line).append('\n');
                }
            }
        }
        return cases.stream();
    }
}
