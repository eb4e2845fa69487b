package dev.ugate.protocols.http.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.protocols.http.wire.Head;
import dev.ugate.protocols.http.wire.HeadParser;
import dev.ugate.protocols.http.wire.Hop;
import dev.ugate.protocols.http.wire.Rejected;
import dev.ugate.protocols.http.wire.RequestLine;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Ingress.Forward;
import dev.ugate.testing.Listening;
import dev.ugate.testing.Wire;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a head comes to before the gate is asked. */
final class IntakeTest {
    private final Intake intake = new Intake("me");
    private Listening listening = Listening.open();

    private Connection connection() {
        return Connection.of(Wire.local(listening));
    }

    private static Head<RequestLine> head(String text) {
        Head<RequestLine> head = HeadParser.requests(Limits.STANDARD)
                .next(Unpooled.copiedBuffer(text + "\r\n\r\n", StandardCharsets.ISO_8859_1));
        assertThat(head).isNotNull();
        return head;
    }

    private Intake.Asked ask(String text, Connection connection) {
        Head<RequestLine> head = head(text);
        Hop hop = Hop.of(head.fields());
        return intake.request(Asking.of(head, hop, connection), proven(hop, connection));
    }

    /** As the connection's owner does it before it asks. */
    private static Connection proven(Hop hop, Connection connection) {
        return Intake.proof(hop, connection)
                .getNow(Optional.empty())
                .map(connection.peer()::withIdentity)
                .map(connection::withPeer)
                .orElse(connection);
    }

    private Intake.Asked ask(String text) {
        return ask(text, connection());
    }

    private int rejected(String text, Connection connection) {
        Rejected why = catchThrowableOfType(Rejected.class, () -> {
            Head<RequestLine> head = head(text);
            Hop hop = Hop.of(head.fields());
            if (head.line().isConnect()) {
                intake.tunnel("connect", Asking.of(head, hop, connection), proven(hop, connection));
            } else {
                intake.request(Asking.of(head, hop, connection), proven(hop, connection));
            }
        });
        assertThat(why).as(text).isNotNull();
        return why.status();
    }

    @Test
    void saysWhatIsWrongWithAnEscape() {
        assertThatThrownBy(() -> ask("GET http://a.b/%zz HTTP/1.1\r\nHost: a.b"))
                .hasMessage("path: escape %zz: expected two hexadecimal digits");
        assertThatThrownBy(() -> ask("GET http://a.b/x%4 HTTP/1.1\r\nHost: a.b"))
                .hasMessage("path: escape %4: expected two hexadecimal digits");
        assertThatThrownBy(() -> ask("GET http://a.b/%00 HTTP/1.1\r\nHost: a.b"))
                .hasMessage("path: escape %00: expected none of %00 %2F %5C");
    }

    @ParameterizedTest
    @CsvSource({
        "http://a.b, a.b:80, /",
        "HTTP://A.b./x, a.b:80, /x",
        "http://a.b?q, a.b:80, /?q",
        "http://a.b:8080/x?y=/../%00, a.b:8080, /x?y=/../%00",
        "http://[::1]:81/, [::1]:81, /",
        "http://0x7f.1/, 127.0.0.1:80, /",
        "http://a.b/a/./b/../c, a.b:80, /a/c",
        "http://a.b/%7Euser/%2e%2e/%41%c3%a4, a.b:80, /A%C3%A4",
        "http://a.b/../../x, a.b:80, /x",
        "http://a.b/x/.., a.b:80, /",
        "http://a.b//x;y=1/.z, a.b:80, //x;y=1/.z",
        "http://a.b/@scope%2fname/./-/x, a.b:80, /@scope%2Fname/-/x",
    })
    void t43TargetsHaveOneSpelling(String target, String authority, String path) {
        Intake.Asked asked = ask("GET " + target + " HTTP/1.1\r\nHost: ignored");
        assertThat(asked.intent().target()).hasToString(authority);
        assertThat(asked.target().path()).isEqualTo(path);
        assertThat(asked.intent().labels()).containsEntry("path", path).containsEntry("method", "GET");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://a.b/",
                "https://a.b/",
                "http://",
                "http:///x",
                "http://a b/",
                "http://u:p@a.b/",
                "http://a.b:/",
                "http://a.b:0/",
                "http://a.b:65536/",
                "http://a.b/#x",
                "http://a.b/%00",
                "http://a.b/a%2F..%2fb",
                "http://a.b/..%2fb",
                "http://a.b/a%5Cb",
                "http://a.b/a\\b",
                "http://a.b/%zz",
                "http://a.b/%4",
                "/#",
                "/%2F",
                "a.b:80",
                "*",
                "x"
            })
    void t37AndT43RejectsTargetsThatAreNone(String target) {
        assertThat(rejected("GET " + target + " HTTP/1.1\r\nHost: a.b", connection()))
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a.b/", "a.b:x", "a.b,c.d", "u@a.b", "[::1", "a..b", "http://a.b"})
    void t37RejectsBadHosts(String host) {
        assertThat(rejected("GET / HTTP/1.1\r\nHost: " + host, connection())).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b", "a.b:", "a.b:0", "a.b:x", ":443", "http://a.b:443", "/x", "a.b:443/x", "u@a.b:443"})
    void connectDemandsHostAndPort(String target) {
        assertThat(rejected("CONNECT " + target + " HTTP/1.1\r\nHost: a.b:443", connection()))
                .isEqualTo(400);
    }

    @Test
    void connectHasNoContent() {
        assertThat(rejected("CONNECT a.b:1 HTTP/1.1\r\nHost: a.b\r\nContent-Length: 1", connection()))
                .isEqualTo(400);
        assertThat(rejected("CONNECT a.b:1 HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: chunked", connection()))
                .isEqualTo(400);
    }

    @Test
    void originFormTakesThePortThatIsKnownBest() {
        String request = "GET / HTTP/1.1\r\nHost: a.b";
        assertThat(ask(request).intent().target()).hasToString("a.b:80");
        listening = listening.port(8000);
        assertThat(ask(request).intent().target()).hasToString("a.b:8000");
        assertThat(ask(request + ":81").intent().target()).hasToString("a.b:81");
        listening = Listening.open();
        Connection tls = connection().withTls(Optional.of("http/1.1"), Optional.of("a.b"));
        assertThat(ask(request, tls).intent().target()).hasToString("a.b:443");
        assertThat(ask(request, tls).target().scheme()).isEqualTo("https");
        Connection bare = connection().withTls(Optional.empty(), Optional.empty());
        assertThat(ask(request, bare).intent().target()).hasToString("a.b:443");
        assertThat(ask(request, bare).fields().all("x-forwarded-proto")).containsExactly("https");
        assertThat(ask(request, bare.withoutTls()).target().scheme()).isEqualTo("http");
    }

    /** RFC 9112 §3.2.2: a server takes absolute-form too, and it says no more and no less than origin-form. */
    @ParameterizedTest
    @CsvSource({
        "http://shop.example/x?y, shop.example:80, /x?y",
        "HTTPS://shop.example, shop.example:80, /",
        "https://shop.example:8443/a/../b, shop.example:8443, /b"
    })
    void absoluteFormToAGatewayIsOriginForm(String target, String authority, String path) {
        listening = Listening.open().forward(Forward.NONE);
        Intake.Asked asked = ask("GET " + target + " HTTP/1.1\r\nHost: ignored\r\nX-Forwarded-For: 6.6.6.6");
        assertThat(asked.intent().target()).hasToString(authority);
        assertThat(asked.target().path()).isEqualTo(path);
        assertThat(asked.target().proxied()).isFalse();
        assertThat(asked.fields().all("x-forwarded-for")).containsExactly("127.0.0.1");
        assertThat(asked.fields().has("x-request-id")).isTrue();
    }

    @Test
    void absoluteFormToAGatewayIsAsStrictAsOriginForm() {
        listening = Listening.open().forward(Forward.NONE);
        Connection tls = connection().withTls(Optional.of("http/1.1"), Optional.of("a.b"));
        assertThat(rejected("GET http://c.d/ HTTP/1.1\r\nHost: c.d", tls)).isEqualTo(421);
        assertThat(ask("GET https://a.b/ HTTP/1.1\r\nHost: a.b", tls).intent().target())
                .hasToString("a.b:443");
        assertThat(ask("OPTIONS http://a.b HTTP/1.1\r\nHost: a.b").target().path())
                .isEqualTo("*");
        for (String target : List.of("http://a.b/x%2fy", "http://a.b/#x", "http:///x", "ftp://a.b/", "a.b")) {
            assertThat(rejected("GET " + target + " HTTP/1.1\r\nHost: a.b", connection()))
                    .as(target)
                    .isEqualTo(400);
        }
    }

    @Test
    void hostThatHttp10DoesNotNameIsTheOneThatWasReached() {
        listening = Listening.open().forward(Forward.NONE);
        assertThat(ask("GET /healthz HTTP/1.0").intent().target()).hasToString("192.0.2.1:80");
        Connection tls = connection().withTls(Optional.empty(), Optional.of("a.b"));
        assertThat(ask("GET /healthz HTTP/1.0", tls).intent().target()).hasToString("a.b:443");
        assertThat(rejected("GET /healthz HTTP/1.1", connection())).isEqualTo(400);
        assertThat(rejected("GET /healthz HTTP/1.0\r\nHost:", connection())).isEqualTo(400);
    }

    /** Who asks a proxy for https says CONNECT: in TLS, this is the origin. */
    @Test
    void absoluteFormWithHttpsIsForTheServerBehindTls() {
        Connection tls = connection().withTls(Optional.of("http/1.1"), Optional.of("a.b"));
        Intake.Asked asked = ask("GET https://a.b/x HTTP/1.1\r\nHost: a.b", tls);
        assertThat(asked.target().proxied()).isFalse();
        assertThat(asked.intent().target()).hasToString("a.b:443");
        assertThat(rejected("GET https://c.d/ HTTP/1.1\r\nHost: c.d", tls)).isEqualTo(421);
    }

    @Test
    void capturedConnectionKeepsItsPortAndItsAddressWithoutHost() {
        Connection plain = connection();
        var captured = new dev.ugate.model.Peer(
                plain.peer().remote(),
                plain.peer().local(),
                Optional.of(new InetSocketAddress("192.0.2.5", 8080)),
                Optional.empty());
        assertThat(ask("GET / HTTP/1.1\r\nHost: a.b", plain.withPeer(captured))
                        .intent()
                        .target())
                .hasToString("a.b:8080");
        assertThat(ask("GET / HTTP/1.0", plain.withPeer(captured)).intent().target())
                .hasToString("192.0.2.5:8080");
        assertThat(rejected("GET / HTTP/1.0", plain)).isEqualTo(400);
    }

    @Test
    void t15HostOfAnotherTlsConnectionIsMisdirected() {
        Connection tls = connection().withTls(Optional.of("http/1.1"), Optional.of("a.b"));
        assertThat(rejected("GET / HTTP/1.1\r\nHost: c.d", tls)).isEqualTo(421);
        assertThat(ask("GET http://c.d/ HTTP/1.1\r\nHost: c.d", tls).intent().target())
                .hasToString("c.d:80");
    }

    @Test
    void t15CertificateForBothHostsServesBoth() {
        Connection tls = connection()
                .withTls(Optional.of("http/1.1"), Optional.of("a.b"))
                .covering("c.d"::equals);
        assertThat(ask("GET / HTTP/1.1\r\nHost: C.d", tls).intent().target()).hasToString("c.d:443");
        assertThat(rejected("GET / HTTP/1.1\r\nHost: e.f", tls)).isEqualTo(421);
    }

    private static String basic(String pair) {
        return "\r\nProxy-Authorization: Basic "
                + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void passwordMakesThePeerAUserForThisRequestOnly() {
        listening = Listening.open().forward(Forward.AUTHENTICATED).user("me", "s:ecret");
        String request = "GET http://a.b/ HTTP/1.1\r\nHost: a.b";
        Connection connection = connection();
        Intake.Asked asked = ask(request + basic("me:s:ecret"), connection);
        assertThat(asked.intent().peer().identity()).map(Object::toString).contains("user:me");
        assertThat(asked.fields().has("proxy-authorization")).isFalse();
        assertThat(rejected(request, connection)).isEqualTo(407);
        assertThat(rejected(request + basic("me:wrong"), connection)).isEqualTo(407);
        assertThat(rejected(request + basic("me"), connection)).isEqualTo(407);
        assertThat(rejected(request + "\r\nProxy-Authorization: Basic !!!", connection))
                .isEqualTo(407);
        assertThat(rejected(request + "\r\nProxy-Authorization: Digest x", connection))
                .isEqualTo(407);
        assertThat(rejected("CONNECT a.b:1 HTTP/1.1\r\nHost: a.b", connection)).isEqualTo(407);
    }

    @Test
    void originFormWithoutCredentialsIsTheGatesToJudge() {
        listening = Listening.open().forward(Forward.AUTHENTICATED).user("me", "x");
        assertThat(ask("GET / HTTP/1.1\r\nHost: a.b").intent().peer().identity())
                .isEmpty();
        assertThat(rejected("GET / HTTP/1.1\r\nHost: a.b" + basic("me:y"), connection()))
                .isEqualTo(407);
    }

    @Test
    void t42StripsWhatAClientSaysAboutItsOrigin() {
        String request =
                "GET http://a.b/ HTTP/1.1\r\nHost: a.b\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n"
                        + "X-Real-IP: 6.6.6.6\r\nX-Envoy-Internal: true\r\nX-Other: 1";
        assertThat(ask(request).fields().size()).isEqualTo(2);
        listening = Listening.open().trusting("127.0.0.0/8");
        assertThat(ask(request + "\r\nConnection: x-forwarded-for").fields().first("x-forwarded-for"))
                .contains("6.6.6.6");
    }

    @Test
    void signsWithViaAndKnowsItsOwnSignature() {
        String request = "GET http://a.b/ HTTP/1.0\r\nVia: 1.1 other";
        assertThat(ask(request).fields().all("via")).containsExactly("1.1 other", "1.0 me");
        Rejected loop = catchThrowableOfType(Rejected.class, () -> ask(request + "\r\nVia: 1.1 x, 1.1 me"));
        assertThat(loop.status()).isEqualTo(508);
        assertThat(loop.why().reason()).isEqualTo(Refusal.LOOP);
    }

    @Test
    void t45UpgradesAreNotPassedOn() {
        Intake.Asked asked = ask(
                "GET http://a.b/ HTTP/1.1\r\nHost: a.b\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA");
        assertThat(asked.fields().size()).isEqualTo(1);
    }
}
