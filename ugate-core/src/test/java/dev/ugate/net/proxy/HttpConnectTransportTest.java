package dev.ugate.net.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Limits;
import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import dev.ugate.testing.Sink;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The words of CONNECT, and what its answers mean. */
class HttpConnectTransportTest {
    private static Upstream dial(String target, Map<String, String> options) {
        return new Upstream(lower -> new HttpConnectTransport(lower, Limits.STANDARD), target, options).connect();
    }

    private static Upstream answered(String head) {
        return dial("a.b:1", Map.of()).says("\"" + head.replace("\"", "\\\"") + "\"");
    }

    @Test
    void asksByName() {
        Upstream upstream = dial("example.com:80", Map.of());
        assertThat(upstream.heard())
                .isEqualTo(Upstream.hex("\"CONNECT example.com:80 HTTP/1.1\\r\\nHost: example.com:80\\r\\n\\r\\n\""));
        upstream.gone();
    }

    @Test
    void bracketsIpv6AndLogsIn() {
        Upstream upstream = dial("[2001:db8::1]:443", Map.of("user", "me", "password", "a:b"));
        assertThat(upstream.heard())
                .isEqualTo(Upstream.hex("\"CONNECT [2001:db8::1]:443 HTTP/1.1\\r\\nHost: [2001:db8::1]:443\\r\\n"
                        + "Proxy-Authorization: Basic bWU6YTpi\\r\\n\\r\\n\""));
        upstream.gone();
    }

    @Test
    void aUserWithAColonCannotLogIn() {
        Upstream upstream = dial("a.b:1", Map.of("user", "m:e"));
        assertThat(upstream.refused().reason()).isEqualTo(Refusal.DENIED);
        assertThat(upstream.heard()).isEmpty();
        assertThat(upstream.wire.isOpen()).isFalse();
    }

    @Test
    void every2xxIsATunnelWhateverItsFraming() {
        Upstream upstream =
                answered("HTTP/1.0 299\\r\\nContent-Length: 3\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nabc");
        Sink sink = upstream.read();
        assertThat(sink.taken()).isEqualTo("abc".getBytes());
        upstream.gone();
    }

    @Test
    void interimResponsesAreSkipped() {
        Upstream upstream = answered(
                "HTTP/1.1 102 Processing\\r\\na: b\\r\\n\\r\\nHTTP/1.1 103 Hints\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\n");
        assertThat(upstream.dialled.isDone()).isFalse();
        upstream.says("\"\\r\\n\"");
        assertThat(upstream.dialled.isSuccess()).isTrue();
        upstream.gone();
    }

    @ParameterizedTest
    @CsvSource({
        "400,UNREACHABLE",
        "401,DENIED",
        "403,DENIED",
        "404,UNRESOLVED",
        "407,DENIED",
        "429,OVERLOADED",
        "500,UNREACHABLE",
        "502,UNREACHABLE",
        "503,OVERLOADED",
        "504,TIMED_OUT",
        "508,LOOP",
        "302,UNREACHABLE",
        "101,UNREACHABLE"
    })
    void everyStatusHasAReason(int status, Refusal reason) {
        Upstream upstream = answered("HTTP/1.1 " + status + " No\\r\\nContent-Length: 2\\r\\n\\r\\nno");
        assertThat(upstream.refused().reason()).isEqualTo(reason);
        assertThat(upstream.refused().text()).startsWith("word: status " + status + ": ");
        assertThat(upstream.wire.isOpen()).isFalse();
        upstream.gone();
    }

    @ParameterizedTest
    @CsvSource({
        "dns_error,UNRESOLVED",
        "dns_timeout,UNRESOLVED",
        "destination_not_found,NO_ROUTE",
        "destination_ip_unroutable,UNREACHABLE",
        "connection_terminated,UNREACHABLE",
        "connection_limit_reached,OVERLOADED",
        "destination_unavailable,DRAINING",
        "destination_ip_prohibited,DENIED",
        "http_request_denied,DENIED",
        "connection_refused,CONNECTION_REFUSED",
        "connection_timeout,TIMED_OUT",
        "http_response_timeout,TIMED_OUT",
        "http_upgrade_failed,UNREACHABLE",
        "tls_certificate_error,UPSTREAM_IDENTITY",
        "proxy_loop_detected,LOOP",
        "http_request_error,MALFORMED",
        "proxy_internal_error,INTERNAL",
        "made_up,OVERLOADED"
    })
    void proxyStatusIsMorePreciseThanTheStatus(String error, Refusal reason) {
        Upstream upstream =
                answered("HTTP/1.1 503 No\\r\\nproxy-status: ugate; error=" + error + "; details=\"x\"\\r\\n\\r\\n");
        assertThat(upstream.refused().reason()).isEqualTo(reason);
        assertThat(upstream.refused()).hasMessage("word: status 503: " + error);
    }

    @Test
    void whatTheReasonSaysLessPreciselyIsKept() {
        Refused late =
                ProxyStatus.named(502, List.of("ugate; error=dns_timeout")).orElseThrow();
        assertThat(late.error()).contains(ProxyError.DNS_TIMEOUT);
        Refused usual =
                ProxyStatus.named(502, List.of("ugate; error=dns_error")).orElseThrow();
        assertThat(usual.error()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a; details=\"; error=dns_error \\\\\" \" ;  error=connection_refused",
                "a, b;received-status=502;error=connection_refused;x=y, c; error=dns_error",
            })
    void findsTheErrorOutsideQuotes(String value) {
        assertThat(ProxyStatus.error(value.replace("\\\\", "\\"))).contains("connection_refused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a; details=\"open error=x", "a; errors=dns_error", "a; error", "a; \"b\\"})
    void anErrorThatIsNotThereIsNotFound(String value) {
        assertThat(ProxyStatus.error(value)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-x\\r\\n\\r\\n",
                "HTTP/2 200\\r\\n\\r\\n",
                "HTTP/1.1 20\\r\\n\\r\\n",
                "HTTP/1.1 2000\\r\\n\\r\\n",
                "HTTP/1.1  200\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\n folded: x\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\nno colon\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\na : x\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\n: x\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\na: x\\ny: z\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\na: \\0\\r\\n\\r\\n",
            })
    void strangeAnswersAreRefused(String head) {
        Upstream upstream = answered(head);
        assertThat(upstream.refused().reason()).isEqualTo(Refusal.UNREACHABLE);
        assertThat(upstream.wire.isOpen()).isFalse();
        upstream.gone();
    }

    @Test
    void anEndlessHeadIsRefusedAtItsLimit() {
        Upstream upstream = answered("HTTP/1.1 200 OK\\r\\n");
        for (int i = 0; i < 64 && !upstream.dialled.isDone(); i++) {
            upstream.says("61*1024");
        }
        assertThat(upstream.refused()).hasMessage("word: head of more than 32768 bytes: expected an end");
        assertThat(upstream.wire.tally().held()).isLessThan(128 << 10);
        upstream.gone();
    }
}
