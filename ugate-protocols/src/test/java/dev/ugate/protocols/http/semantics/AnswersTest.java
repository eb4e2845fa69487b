package dev.ugate.protocols.http.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import dev.ugate.net.proxy.ProxyStatus;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AnswersTest {
    /** RFC 9209 §2.3: what a proxy in front of the target found out is not made vaguer on its way back. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "connection_limit_reached",
                "connection_read_timeout",
                "connection_refused",
                "connection_terminated",
                "connection_timeout",
                "connection_write_timeout",
                "destination_ip_prohibited",
                "destination_ip_unroutable",
                "destination_not_found",
                "destination_unavailable",
                "dns_error",
                "dns_timeout",
                "http_protocol_error",
                "http_request_denied",
                "http_request_error",
                "http_response_incomplete",
                "http_response_timeout",
                "http_upgrade_failed",
                "proxy_internal_error",
                "proxy_loop_detected",
                "tls_alert_received",
                "tls_certificate_error",
                "tls_protocol_error"
            })
    void theErrorThatAProxyNamesIsToldOn(String error) {
        Refused why = ProxyStatus.named(502, List.of("next; error=" + error)).orElseThrow();
        assertThat(Answers.fields(502, why, Fields.NONE).first("proxy-status"))
                .hasValueSatisfying(value -> assertThat(value).startsWith("ugate; error=" + error + ";"));
    }
}
