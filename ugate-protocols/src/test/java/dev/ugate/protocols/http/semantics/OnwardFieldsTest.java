package dev.ugate.protocols.http.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ugate.model.Cidr;
import dev.ugate.model.Limits;
import dev.ugate.model.Peer;
import dev.ugate.model.http.Fields;
import dev.ugate.protocols.http.wire.Head;
import dev.ugate.protocols.http.wire.HeadParser;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.wire.RequestLine;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.spi.Ingress.HttpRules;
import dev.ugate.spi.Ingress.HttpRules.EncodedSlash;
import dev.ugate.spi.Ingress.HttpRules.Forwarded;
import dev.ugate.spi.Ingress.HttpRules.Trace;
import dev.ugate.testing.Listening;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fields that an upstream gets for those that a client sent. */
final class OnwardFieldsTest {
    private static final String GATEWAY = "GET /x HTTP/1.1\r\nHost: shop.example\r\n";
    private static final String PROXY = "GET http://shop.example/x HTTP/1.1\r\nHost: shop.example\r\n";
    private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final SocketAddress LOCAL = new InetSocketAddress("192.0.2.1", 80);

    private final Intake intake = new Intake("me");
    private Forwarded forwarded = Forwarded.X_FORWARDED;
    private Trace trace = Trace.PROPAGATE;
    private EncodedSlash slash = EncodedSlash.REJECT;
    private SocketAddress from = new InetSocketAddress("198.51.100.7", 40000);
    private Listening listening = Listening.open();

    private Intake.Asked ask(String text) {
        Head<RequestLine> head = HeadParser.requests(Limits.STANDARD)
                .next(Unpooled.copiedBuffer(text + "\r\n", StandardCharsets.ISO_8859_1));
        Connection accepted = Connection.accepted(
                listening
                        .http(new HttpRules(forwarded, trace, slash, List.of(Cidr.parse("203.0.113.0/24"))))
                        .ingress(),
                Peer.of(from, LOCAL));
        Hop hop = Hop.of(head.fields());
        Connection connection = Intake.proof(hop, !head.line().target().startsWith("/"), accepted)
                .getNow(Optional.empty())
                .map(accepted.peer()::withIdentity)
                .map(accepted::withPeer)
                .orElse(accepted);
        return intake.request(Asking.of(head, hop, connection), connection);
    }

    private Fields onward(String text) {
        return ask(text).fields();
    }

    private int rejected(String text) {
        Rejected why = catchThrowableOfType(Rejected.class, () -> ask(text));
        assertThat(why).as(text).isNotNull();
        return why.status();
    }

    private static List<String> names(Fields fields) {
        return java.util.stream.IntStream.range(0, fields.size())
                .mapToObj(fields::name)
                .toList();
    }

    @Test
    void upstreamOfAGatewayLearnsWhoAskedForWhat() {
        Fields fields = onward(GATEWAY);
        assertThat(fields.all("x-forwarded-for")).containsExactly("198.51.100.7");
        assertThat(fields.all("x-forwarded-host")).containsExactly("shop.example");
        assertThat(fields.all("x-forwarded-port")).containsExactly("80");
        assertThat(fields.all("x-forwarded-proto")).containsExactly("http");
        assertThat(fields.all("x-real-ip")).containsExactly("198.51.100.7");
        assertThat(fields.has("forwarded")).isFalse();
    }

    @Test
    void forwardProxyTellsNothingOfItsClient() {
        forwarded = Forwarded.BOTH;
        trace = Trace.START;
        assertThat(names(onward(PROXY))).containsExactly("via");
    }

    @Test
    void t42ReplacesWhatAStrangerSaysAndStripsItsOtherSpellings() {
        Fields fields =
                onward(GATEWAY + "X-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n"
                        + "X-Forwarded-Proto: https\r\nX-Forwarded-Client-Cert: x\r\nForwarded: for=6.6.6.6\r\n"
                        + "Connection: x-forwarded-for, via, x-real-ip\r\n");
        assertThat(fields.toString()).isNotNull();
        assertThat(names(fields))
                .containsExactlyInAnyOrder(
                        "via",
                        "x-forwarded-for",
                        "x-forwarded-host",
                        "x-forwarded-port",
                        "x-forwarded-proto",
                        "x-real-ip",
                        "x-request-id");
        assertThat(fields.first("x-forwarded-for")).contains("198.51.100.7");
        assertThat(fields.first("x-forwarded-proto")).contains("http");
    }

    @Test
    void t42AppendsToWhatATrustedProxySays() {
        from = new InetSocketAddress("203.0.113.9", 40000);
        Fields fields = onward(GATEWAY + "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: 10.0.0.1\r\n"
                + "X-Forwarded-Proto: https\r\nX-Real-IP: 192.0.2.7\r\nX-Envoy-Internal: true\r\n");
        assertThat(fields.all("x-forwarded-for")).containsExactly("192.0.2.7, 10.0.0.1, 203.0.113.9");
        assertThat(fields.all("x-forwarded-proto")).containsExactly("https");
        assertThat(fields.all("x-real-ip")).containsExactly("192.0.2.7");
        assertThat(fields.has("x-envoy-internal")).isTrue();
    }

    @Test
    void forwardedQuotesWhatIsNoToken() {
        forwarded = Forwarded.RFC7239;
        assertThat(onward(GATEWAY).all("forwarded"))
                .containsExactly("for=198.51.100.7;by=_me;host=shop.example;proto=http");
        from = new InetSocketAddress("2001:db8::1", 4711);
        Fields fields = onward("GET / HTTP/1.1\r\nHost: [2001:db8::2]:8080\r\n");
        assertThat(fields.all("forwarded"))
                .containsExactly("for=\"[2001:db8::1]\";by=_me;host=\"[2001:db8::2]:8080\";proto=http");
        assertThat(fields.has("x-forwarded-for")).isFalse();
        from = UnixDomainSocketAddress.of("/run/x");
        assertThat(onward(GATEWAY).first("forwarded").orElseThrow()).startsWith("for=unknown;");
    }

    @Test
    void forwardedOfATrustedProxyGrows() {
        forwarded = Forwarded.BOTH;
        from = new InetSocketAddress("203.0.113.9", 1);
        Fields fields = onward(GATEWAY + "Forwarded: for=192.0.2.7;proto=https\r\n");
        assertThat(fields.all("forwarded"))
                .containsExactly("for=192.0.2.7;proto=https, for=203.0.113.9;by=_me;host=shop.example;proto=http");
        assertThat(fields.all("x-forwarded-for")).containsExactly("203.0.113.9");
    }

    @Test
    void noneWritesNothingAndStillStripsAStrangersWord() {
        forwarded = Forwarded.NONE;
        assertThat(names(onward(GATEWAY + "X-Forwarded-For: 6.6.6.6\r\n"))).containsExactly("via", "x-request-id");
    }

    @Test
    void traceGoesOnAsItCame() {
        Fields fields = onward(PROXY + "traceparent: " + PARENT + "\r\ntracestate: a=1\r\ntracestate: b=2\r\n");
        assertThat(fields.all("traceparent")).containsExactly(PARENT);
        assertThat(fields.all("tracestate")).containsExactly("a=1,b=2");
        assertThat(TraceContext.traceId(fields)).contains("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
                "x",
                ""
            })
    void brokenTraceDoesNotGoOn(String parent) {
        Fields fields = onward(GATEWAY + "traceparent: " + parent + "\r\ntracestate: a=1\r\n");
        assertThat(fields.has("traceparent")).isFalse();
        assertThat(fields.has("tracestate")).isFalse();
    }

    @Test
    void twoTracesAreNone() {
        String twice = "traceparent: " + PARENT + "\r\n";
        assertThat(onward(GATEWAY + twice + twice).has("traceparent")).isFalse();
        assertThat(onward(GATEWAY + "traceparent: 01" + PARENT.substring(2) + "-more\r\n")
                        .has("traceparent"))
                .isTrue();
    }

    @Test
    void traceBeginsHereWhereAsked() {
        assertThat(onward(GATEWAY).has("traceparent")).isFalse();
        trace = Trace.START;
        assertThat(onward(GATEWAY).first("traceparent").orElseThrow()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
        assertThat(onward(GATEWAY + "traceparent: " + PARENT + "\r\n").all("traceparent"))
                .containsExactly(PARENT);
        trace = Trace.DROP;
        assertThat(onward(GATEWAY + "traceparent: " + PARENT + "\r\ntracestate: a=1\r\n")
                        .has("traceparent"))
                .isFalse();
    }

    @Test
    void requestIdIsKeptOrMade() {
        assertThat(onward(GATEWAY + "X-Request-Id: abc\r\n").all("x-request-id"))
                .containsExactly("abc");
        assertThat(onward(GATEWAY + "X-Request-Id: a b\r\n")
                        .first("x-request-id")
                        .orElseThrow())
                .matches("[0-9a-f]{32}");
        assertThat(onward(GATEWAY + "X-Request-Id: a\r\nX-Request-Id: b\r\n").all("x-request-id"))
                .singleElement()
                .asString()
                .matches("[0-9a-f]{32}");
        assertThat(RequestId.of(onward(GATEWAY))).isPresent();
        assertThat(onward(PROXY + "X-Request-Id: abc\r\n").all("x-request-id")).containsExactly("abc");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization",
                "Content-Type",
                "Content-Range",
                "If-Modified-Since",
                "If-Range",
                "If-Unmodified-Since",
                "Max-Forwards",
                "Origin",
                "Range",
                "Referer"
            })
    void t44SingleValuedFieldsAreNotRepeated(String name) {
        assertThat(rejected(GATEWAY + name + ": a\r\n" + name + ": a\r\n")).isEqualTo(400);
    }

    @Test
    void t44FieldsThatAreListsMayBe() {
        assertThat(onward(GATEWAY + "Accept: a\r\nAccept: b\r\nCookie: a=1\r\nCookie: b=2\r\n")
                        .all("accept"))
                .containsExactly("a", "b");
    }

    @Test
    void optionsGoesOneHopLessAndEndsHereAtNone() {
        String options = "OPTIONS /x HTTP/1.1\r\nHost: a.b\r\nMax-Forwards: ";
        assertThat(ask(options + "7\r\n").fields().all("max-forwards")).containsExactly("6");
        assertThat(ask(options + "1\r\n").ends()).isFalse();
        assertThat(ask(options + "1\r\n").fields().all("max-forwards")).containsExactly("0");
        assertThat(ask(options + "0\r\n").ends()).isTrue();
        assertThat(rejected(options + "-1\r\n")).isEqualTo(400);
        assertThat(onward(GATEWAY + "Max-Forwards: 0\r\n").all("max-forwards")).containsExactly("0");
    }

    @Test
    void loopIsKnownByCdnLoopToo() {
        assertThat(onward(GATEWAY + "CDN-Loop: other\r\nConnection: cdn-loop\r\n")
                        .all("cdn-loop"))
                .containsExactly("other");
        assertThat(rejected(GATEWAY + "CDN-Loop: other, me\r\n")).isEqualTo(508);
    }

    @Test
    void authorizationThatProvedAUserToUsGoesNoFurther() {
        listening = Listening.open().forward(Forward.AUTHENTICATED).user("me", "x");
        Intake.Asked known = ask(GATEWAY + "Authorization: Basic bWU6eA==\r\n");
        assertThat(known.intent().peer().identity()).map(Object::toString).contains("user:me");
        assertThat(known.fields().has("authorization")).isFalse();
        Intake.Asked other = ask(GATEWAY + "Authorization: Basic bWU6eQ==\r\n");
        assertThat(other.intent().peer().identity()).isEmpty();
        assertThat(other.fields().has("authorization")).isTrue();
        assertThat(rejected(PROXY + "Authorization: Basic bWU6eA==\r\n")).isEqualTo(407);
    }

    @Test
    void t43EncodedSlashIsKeptWhereTheListenerSaysSo() {
        String request = "GET /a%2fb HTTP/1.1\r\nHost: a.b\r\n";
        assertThat(rejected(request)).isEqualTo(400);
        slash = EncodedSlash.KEEP;
        assertThat(ask(request).target().path()).isEqualTo("/a%2Fb");
        assertThat(ask(request).intent().labels()).containsEntry("path", "/a%2Fb");
        for (String path : List.of("/a%2f..%2fb", "/..%2f", "/a%2f.%2fb", "/a/%2e%2e%2f")) {
            assertThat(rejected("GET " + path + " HTTP/1.1\r\nHost: a.b\r\n"))
                    .as(path)
                    .isEqualTo(400);
        }
    }
}
