package dev.ugate.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.config.Config;
import dev.ugate.config.ConfigFile;
import dev.ugate.gate.http.Sessions;
import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.Shape;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.Tries;
import dev.ugate.spi.Fin;
import dev.ugate.spi.Informational;
import dev.ugate.spi.Reply;
import dev.ugate.spi.Request;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests through routes as configuration writes them, without a network: the test is the upstream. */
final class RoutedRoundTripTest {
    private final Ways ways = new Ways();
    private final List<Request> sent = new ArrayList<>();
    private final List<Intent> intents = new ArrayList<>();
    private Reply upstream = new Reply(200, Fields.of("server", "origin"), 0, new EmbeddedChannel());

    @AfterEach
    void stop() {
        ways.close();
    }

    private void routes(String yaml) {
        Config config = ConfigFile.parse(
                "version: 1\nlisteners: [{address: \"127.0.0.1:0\"}]\npolicy: {default: allow}\n" + yaml, Path.of("/"));
        ways.decide(config.policy(), config.routes().toArray(dev.ugate.model.Route[]::new));
    }

    private Future<Reply> ask(String method, String path, String... fields) {
        return ask(method, path, Optional.empty(), fields);
    }

    private Future<Reply> ask(String method, String path, Optional<String> upgrade, String... fields) {
        return ask(method, new HostPort("shop.example", 8080), path, upgrade, fields);
    }

    private Future<Reply> ask(String method, HostPort target, String path, Optional<String> upgrade, String... fields) {
        Fields all = Fields.of(fields);
        Intent intent =
                new Intent("http", Ways.FAR, target, Shape.MESSAGES, Map.of("method", method, "path", path), all);
        Request request = new Request(method, "http", target, path, all, 0, upgrade, Wire.remote(Listening.open()));
        return new RoutedRoundTrip(ways.outbound, (asked, changed, informational) -> {
                    intents.add(asked);
                    sent.add(changed);
                    return changed.body().eventLoop().newSucceededFuture(upstream);
                })
                .send(intent, request, Informational.IGNORED);
    }

    private static Reply reply(Future<Reply> future) {
        assertThat(future.isSuccess()).as("%s", future.cause()).isTrue();
        return future.getNow();
    }

    /** Reads a body that is made here. */
    private static String text(Reply reply) {
        StringBuilder text = new StringBuilder();
        reply.body().pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                if (message instanceof ByteBuf bytes) {
                    text.append(bytes.toString(StandardCharsets.UTF_8));
                    bytes.release();
                } else {
                    text.append(((Fin) message).trailers().isEmpty() ? "." : "?");
                }
            }
        });
        reply.body().config().setAutoRead(true);
        ((EmbeddedChannel) reply.body().parent()).runPendingTasks();
        return text.toString();
    }

    private static String field(Fields fields, String name) {
        return String.join("|", fields.all(name));
    }

    @Test
    void redirectsWithWhatWasAskedForWhereNothingElseIsSaid() {
        routes("""
                routes:
                  - {name: tls, match: {path: /tls}, filters: [{requestRedirect: {scheme: https}}]}
                  - {name: host, match: {path: /host}, filters: [{requestRedirect: {hostname: a.example, statusCode: 301}}]}
                  - name: path
                    match: {path: /old}
                    filters: [{requestRedirect: {port: 80, path: {replacePrefixMatch: /new}, statusCode: 308}}]
                """);

        Reply tls = reply(ask("GET", "/tls/x?a=b"));
        assertThat(tls.status()).isEqualTo(302);
        assertThat(field(tls.fields(), "location")).isEqualTo("https://shop.example/tls/x?a=b");
        assertThat(tls.length()).isZero();
        assertThat(text(tls)).isEqualTo(".");
        Reply host = reply(ask("GET", "/host"));
        assertThat(host.status()).isEqualTo(301);
        assertThat(field(host.fields(), "location")).isEqualTo("http://a.example:8080/host");
        Reply path = reply(ask("GET", "/old/x?a"));
        assertThat(path.status()).isEqualTo(308);
        assertThat(field(path.fields(), "location")).isEqualTo("http://shop.example/new/x?a");
        assertThat(sent).isEmpty();
    }

    /** The word of a stranger is gone from the fields by now; without this a client would be sent away from TLS. */
    @Test
    void redirectsToTheSchemeThatATrustedProxyWasAskedWith() {
        routes("routes: [{name: all, filters: [{requestRedirect: {path: {replaceFullPath: /new}}}]}]\n");
        String[] tls = {"x-forwarded-proto", "https"};

        assertThat(location(new HostPort("shop.example", 80), tls)).isEqualTo("https://shop.example/new");
        assertThat(location(new HostPort("shop.example", 8443), tls)).isEqualTo("https://shop.example:8443/new");
        assertThat(location(new HostPort("shop.example", 80), "x-forwarded-proto", "gopher"))
                .isEqualTo("http://shop.example/new");
    }

    private String location(HostPort authority, String... fields) {
        return field(reply(ask("GET", authority, "/", Optional.empty(), fields)).fields(), "location");
    }

    @Test
    void changesTheRequestAndTheReplyAndNotTheIntent() {
        routes("""
                routes:
                  - name: api
                    match: {path: /api}
                    filters:
                      - urlRewrite: {hostname: api.internal, path: {replacePrefixMatch: /v2}}
                      - requestHeaderModifier: {set: [{name: x-a, value: "1"}], remove: [cookie]}
                      - responseHeaderModifier: {add: [{name: x-b, value: "2"}], remove: [server]}
                    timeouts: {request: 10s}
                    retry: {attempts: 2, codes: [503]}
                """);

        Reply reply = reply(ask("GET", "/api/x?y=z", "x-a", "0", "cookie", "c", "accept", "*/*"));

        Request request = sent.get(0);
        assertThat(request.authority()).isEqualTo(new HostPort("api.internal", 80));
        assertThat(request.path()).isEqualTo("/v2/x?y=z");
        assertThat(request.fields()).isEqualTo(Fields.of("accept", "*/*", "x-a", "1"));
        assertThat(request.tries())
                .isEqualTo(new Tries(
                        Optional.of(Duration.ofSeconds(10)),
                        Optional.empty(),
                        Optional.of(new Tries.Retry(2, Set.of(503), Optional.empty()))));
        assertThat(intents.get(0).target()).isEqualTo(new HostPort("shop.example", 8080));
        assertThat(intents.get(0).labels()).containsEntry("path", "/api/x?y=z");
        assertThat(reply.fields()).isEqualTo(Fields.of("x-b", "2"));
        assertThat(Account.Trail.find(request.body()).flatMap(Account.Trail::route))
                .get()
                .matches(route -> route.name().equals("api"));
    }

    @Test
    void answersHereWithStatusFieldsAndBody() {
        routes("""
                routes:
                  - {name: ready, match: {path: /ready}, local: {health: true}}
                  - {name: plain, match: {path: /plain}, local: {status: 404, body: "nö"}}
                  - {name: html, match: {path: /html}, local: {status: 200, headers: [{name: Content-Type, value: text/html}], body: "<p>"}}
                  - {name: none, match: {path: /none}, local: {status: 204}}
                  - {name: same, match: {path: /same}, local: {status: 304}}
                  - {name: empty, match: {path: /empty}, local: {status: 404}}
                """);

        assertThat(text(reply(ask("GET", "/ready")))).isEqualTo("ready\n.");
        Reply plain = reply(ask("GET", "/plain"));
        assertThat(plain.status()).isEqualTo(404);
        assertThat(plain.length()).isEqualTo(3);
        assertThat(field(plain.fields(), "content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(text(plain)).isEqualTo("nö.");
        Reply head = reply(ask("HEAD", "/plain"));
        assertThat(head.length()).isEqualTo(3);
        assertThat(field(head.fields(), "content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(text(head)).isEqualTo(".");
        assertThat(field(reply(ask("GET", "/html")).fields(), "content-type")).isEqualTo("text/html");
        Reply none = reply(ask("GET", "/none"));
        assertThat(none.length()).isZero();
        assertThat(text(none)).isEqualTo(".");
        Reply same = reply(ask("GET", "/same"));
        assertThat(same.length()).isNegative();
        assertThat(text(same)).isEqualTo(".");
        assertThat(List.of(none, same, reply(ask("GET", "/empty"))))
                .allSatisfy(
                        empty -> assertThat(empty.fields().has("content-type")).isFalse());
        assertThat(sent).isEmpty();
    }

    @Test
    void anUpgradeIsAnsweredHereUnlessThatWouldGrantIt() {
        routes("""
                routes:
                  - {name: no, match: {path: /no}, local: {status: 403, body: no}}
                  - {name: yes, local: {status: 200}}
                """);

        Optional<String> upgrade = Optional.of("websocket");
        assertThat(reply(ask("GET", "/no", upgrade)).status()).isEqualTo(403);
        assertThat(ask("GET", "/yes", upgrade).cause())
                .isInstanceOfSatisfying(
                        Refused.class, why -> assertThat(why.reason()).isEqualTo(Refusal.NO_ROUTE));
    }

    @Test
    void policyIsAskedBeforeAnyAnswer() {
        routes("""
                routes: [{name: all, local: {status: 200}}]
                """);
        ways.decide(
                ConfigFile.parse(
                                "version: 1\nlisteners: [{address: \"127.0.0.1:0\"}]\n"
                                        + "policy: {default: allow, deny: [{name: no-admin, path: /admin}]}",
                                Path.of("/"))
                        .policy(),
                ways.plan.read().routes().all().toArray(dev.ugate.model.Route[]::new));

        assertThat(reply(ask("GET", "/public")).status()).isEqualTo(200);
        Future<Reply> refused = ask("GET", "/admin/x");
        assertThat(refused.cause()).isInstanceOfSatisfying(Refused.class, why -> {
            assertThat(why.reason()).isEqualTo(Refusal.DENIED);
            assertThat(why.text()).contains("no-admin");
        });
    }

    @Test
    void aRouteThatDeniesRefuses() {
        routes("routes: [{name: no, deny: true}]");

        assertThat(ask("GET", "/").cause())
                .isInstanceOfSatisfying(
                        Refused.class, why -> assertThat(why.reason()).isEqualTo(Refusal.DENIED));
    }

    @Test
    void withoutARouteNothingChanges() {
        routes("routes: [{name: other, match: {path: /other}, deny: true}]");

        assertThat(reply(ask("GET", "/x", "cookie", "c"))).isSameAs(upstream);
        assertThat(sent.get(0).fields()).isEqualTo(Fields.of("cookie", "c"));
        assertThat(sent.get(0).tries()).isEqualTo(Tries.STANDARD);
    }

    @Test
    void anUpstreamsRefusalStaysWhatItIs() {
        routes("""
                routes: [{name: api, filters: [{responseHeaderModifier: {remove: [server]}}]}]
                """);
        Channel body = Wire.remote(Listening.open());
        Refused why = Refused.because(Refusal.UNREACHABLE, "test");
        var request = new Request("GET", "http", new HostPort("a", 80), "/", Fields.NONE, 0, body);
        Intent intent = new Intent("http", Ways.FAR, request.authority(), Shape.MESSAGES, Map.of());

        Future<Reply> reply = new RoutedRoundTrip(
                        ways.outbound,
                        (asked, changed, informational) -> body.eventLoop().newFailedFuture(why))
                .send(intent, request, Informational.IGNORED);

        assertThat(reply.cause()).isSameAs(why);
    }

    @Test
    void browsersAreToldWhoMayUseTheReplies() {
        routes("""
                routes:
                  - name: api
                    filters:
                      - cors:
                          allowOrigins: ["https://a.example", "https://*.b.example"]
                          allowMethods: [GET, PUT]
                          allowHeaders: [x-one]
                          exposeHeaders: [x-two]
                          maxAge: 1m
                """);

        String[] asked = {"origin", "https://a.example", "access-control-request-method", "PUT"};
        Fields preflight = reply(ask("OPTIONS", "/", asked)).fields();
        assertThat(field(preflight, "access-control-allow-origin")).isEqualTo("https://a.example");
        assertThat(field(preflight, "access-control-allow-methods")).isEqualTo("GET, PUT");
        assertThat(field(preflight, "access-control-expose-headers")).isEqualTo("x-two");
        assertThat(preflight.has("access-control-allow-headers")).isFalse();
        assertThat(field(preflight, "access-control-max-age")).isEqualTo("60");
        assertThat(sent).isEmpty();
        Fields more = reply(ask(
                        "OPTIONS",
                        "/",
                        "origin",
                        "https://a.example",
                        "access-control-request-method",
                        "PUT",
                        "access-control-request-headers",
                        "x-one"))
                .fields();
        assertThat(field(more, "access-control-allow-headers")).isEqualTo("x-one");
        Fields real = reply(ask("GET", "/", "origin", "https://x.b.example")).fields();
        assertThat(field(real, "access-control-allow-origin")).isEqualTo("https://x.b.example");
        assertThat(field(real, "access-control-expose-headers")).isEqualTo("x-two");
        assertThat(field(real, "vary")).isEqualTo("origin");
        for (String other : List.of("https://b.example", "http://a.example", "https://a.example.evil", "null")) {
            Fields refused = reply(ask("GET", "/", "origin", other)).fields();
            assertThat(refused.has("access-control-allow-origin")).as(other).isFalse();
        }
    }

    /** Beside credentials, {@code *} is a name like others to a browser (Fetch standard §3.2.3). */
    @Test
    void whereAStarMeansNothingTheNamesAreTold() {
        routes("""
                routes: [{name: api, filters: [{cors: {allowOrigins: "*", allowCredentials: true, exposeHeaders: "*"}}]}]
                """);
        upstream = new Reply(200, Fields.of("server", "origin", "x-a", "1", "x-a", "2"), 0, new EmbeddedChannel());

        Fields real = reply(ask("GET", "/", "origin", "https://a.example")).fields();
        assertThat(field(real, "access-control-allow-origin")).isEqualTo("https://a.example");
        assertThat(field(real, "access-control-expose-headers")).isEqualTo("server, x-a");
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example:443, https://a.example, true",
        "http://a.example:80, http://a.example, true",
        "http://a.example:443, http://a.example, false",
        "https://a.example, https://a.example:8443, false",
        "https://*, https://any.example, true",
        "https://*, https://[2001:db8::1], true",
        "https://*, https://any.example:8443, false",
        "https://*, http://any.example, false",
        "https://*, https://, false",
        "http://*:8080, http://any.example:8080, true",
        "http://*:8080, http://any.example, false",
        "http://*:80, http://any.example, true",
        "https://*.a.example:8443, https://x.y.a.example:8443, true",
        "https://*.a.example, https://x.a.example:8443, false",
    })
    void anOriginFitsWithItsPort(String allowed, String origin, boolean fits) {
        routes("routes: [{name: api, filters: [{cors: {allowOrigins: \"" + allowed + "\"}}]}]");

        assertThat(reply(ask("GET", "/", "origin", origin)).fields().has("access-control-allow-origin"))
                .isEqualTo(fits);
    }

    /** Found by audit: the route of conf/http-gateway.yaml names its methods, and OPTIONS went to the next route. */
    @Test
    void aRouteOfSomeMethodsAnswersWhatBrowsersAskBeforeThem() {
        routes("""
                routes:
                  - name: api
                    match: {path: /api, method: [GET, POST]}
                    filters: [{cors: {allowOrigins: "*", allowMethods: [GET, POST]}}]
                  - {name: rest, local: {status: 404}}
                """);

        String[] asked = {"origin", "https://a.example", "access-control-request-method", "POST"};
        assertThat(reply(ask("OPTIONS", "/api", asked)).status()).isEqualTo(204);
        assertThat(reply(ask("OPTIONS", "/other", asked)).status()).isEqualTo(404);
        asked[3] = "DELETE";
        assertThat(reply(ask("OPTIONS", "/api", asked)).status()).isEqualTo(404);
        assertThat(reply(ask("OPTIONS", "/api")).status()).isEqualTo(404);
        assertThat(sent).isEmpty();
    }

    /** An upgrade that HTTP/2 does not offer is asked for again, of the same endpoint, in HTTP/1.1. */
    @Test
    void askingInAnotherVersionIsNoOtherTry() {
        routes("""
                routes:
                  - name: shop
                    to: ["203.0.113.1:80", "203.0.113.2:80"]
                    sessionPersistence: {type: Header, sessionName: x-session}
                """);
        ways.transport = ways::connects;
        for (List<String> places :
                List.of(List.of("203.0.113.1:80", "203.0.113.2:80"), List.of("203.0.113.2:80", "203.0.113.1:80"))) {
            String held = places.get(0);
            String other = places.get(1);
            ways.dials.clear();
            Fields fields = Fields.of("x-session", Sessions.name(held));
            HostPort target = new HostPort("shop.example", 80);
            Intent intent = new Intent("http", Ways.FAR, target, Shape.MESSAGES, Map.of("path", "/"), fields);
            Request request = new Request("GET", "http", target, "/", fields, 0, Wire.remote(Listening.open()));
            new RoutedRoundTrip(ways.outbound, (asked, changed, informational) -> {
                        ways.outbound.dial(asked, changed);
                        ways.outbound.dial(asked, changed);
                        changed.repeated();
                        ways.outbound.dial(asked, changed);
                        return changed.body().eventLoop().newSucceededFuture(upstream);
                    })
                    .send(intent, request, Informational.IGNORED);
            assertThat(ways.dialled()).containsExactly(List.of(held), List.of(held), List.of(other));
        }
    }
}
