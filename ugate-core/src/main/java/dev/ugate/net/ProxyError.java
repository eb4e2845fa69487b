package dev.ugate.net;

import dev.ugate.model.Refusal;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The error types of the Proxy-Status field (RFC 9209 §2.3) and the refusals that they mean. */
final class ProxyError {
    private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");

    private ProxyError() {}

    /** The refusal that the last {@code error} parameter of a field value names, when it is a known one. */
    static Optional<Refusal> in(String field) {
        Optional<Refusal> last = Optional.empty();
        for (String part : QUOTED.matcher(field).replaceAll("").toLowerCase(Locale.ROOT).split("[;,]", 0)) {
            String parameter = part.strip();
            if (parameter.startsWith("error=")) {
                last = refusal(parameter.substring("error=".length()));
            }
        }
        return last;
    }

    private static Optional<Refusal> refusal(String error) {
        return Optional.ofNullable(
                switch (error) {
                    case "dns_error" -> Refusal.UNRESOLVED;
                    case "dns_timeout", "connection_timeout", "connection_read_timeout", "connection_write_timeout" -> Refusal.TIMED_OUT;
                    case "destination_not_found" -> Refusal.NO_ROUTE;
                    case "destination_unavailable", "destination_ip_unroutable", "connection_terminated" -> Refusal.UNREACHABLE;
                    case "destination_ip_prohibited", "http_request_denied" -> Refusal.DENIED;
                    case "connection_refused" -> Refusal.CONNECTION_REFUSED;
                    case "connection_limit_reached" -> Refusal.OVERLOADED;
                    case "tls_protocol_error", "tls_certificate_error", "tls_alert_received" -> Refusal.UPSTREAM_IDENTITY;
                    case "proxy_loop_detected" -> Refusal.LOOP;
                    case "proxy_internal_error", "proxy_configuration_error" -> Refusal.INTERNAL;
                    default -> null;
                });
    }
}
