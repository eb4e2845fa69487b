package dev.ugate.protocols.http.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.model.http.ProxyError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls and their refusals. */
final class GrpcTest {
    private static Refused because(String text) {
        return Refused.because(Refusal.UNREACHABLE, text);
    }

    private static String message(String text) {
        return Grpc.refusal(502, because(text)).first("grpc-message").orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/grpc",
                "application/grpc+proto",
                "application/grpc;charset=utf-8",
                "Application/GRPC"
            })
    void knowsACallByItsMediaType(String type) {
        assertThat(Grpc.isCall(Fields.of("content-type", type))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"application/grpc-web", "application/grpc-web+proto", "application/json", "application/grp", ""})
    void takesNothingElseForACall(String type) {
        assertThat(Grpc.isCall(Fields.of("content-type", type))).isFalse();
        assertThat(Grpc.isCall(Fields.NONE)).isFalse();
    }

    /** doc/http-grpc-status-mapping.md of gRPC, and 408. */
    @ParameterizedTest
    @CsvSource({
        "400,13", "401,16", "403,7", "404,12", "429,14", "502,14", "503,14", "504,14", "407,2", "408,4", "431,2",
        "500,2", "508,2"
    })
    void mapsTheStatusAsClientsDo(int status, int code) {
        assertThat(Grpc.code(status, because("x"))).isEqualTo(code);
    }

    @Test
    void aCallThatMayHaveBeenActedOnIsNotUnavailable() {
        Refused late = Refused.because(Refusal.TIMED_OUT, "limit firstByte: none within 60000ms");
        assertThat(Grpc.code(504, late)).isEqualTo(14);
        assertThat(Grpc.code(504, late.as(ProxyError.HTTP_RESPONSE_TIMEOUT))).isEqualTo(4);
        assertThat(Grpc.code(502, late.as(ProxyError.CONNECTION_TERMINATED))).isEqualTo(14);
    }

    @Test
    void tellsCodeTextAndReason() {
        Fields fields = Grpc.refusal(502, because("route a: reset by peer"));
        assertThat(fields.first("content-type")).contains("application/grpc");
        assertThat(fields.first("grpc-status")).contains("14");
        assertThat(fields.first("grpc-message")).contains("route a: reset by peer");
        assertThat(fields.first("proxy-status"))
                .contains("ugate; error=destination_ip_unroutable; details=\"route a: reset by peer\"");
    }

    @Test
    void encodesWhatAFieldCannotCarry() {
        assertThat(message("100% \"ü\"\r\n\u0001~ x")).isEqualTo("100%25 \"%C3%BC\"%0D%0A%01~ x");
        assertThat(message(" a ")).isEqualTo("a");
        assertThat(message("a".repeat(199) + " b")).isEqualTo("a".repeat(199));
    }
}
