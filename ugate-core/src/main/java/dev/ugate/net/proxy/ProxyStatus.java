package dev.ugate.net.proxy;

import dev.ugate.model.Refusal;
import dev.ugate.model.Refused;
import dev.ugate.model.http.ProxyError;
import java.util.List;
import java.util.Optional;

/** What the answer of an HTTP proxy means: the error types of Proxy-Status (RFC 9209 §2.3), else the status code. */
public final class ProxyStatus {
    private ProxyStatus() {}

    /**
     * The refusal that the values of Proxy-Status name, with the first error, which is that nearest to the target (RFC 9209 §2); what they
     * say is a reason, and proves nothing (T64).
     */
    public static Optional<Refused> named(int status, List<String> values) {
        for (String value : values) {
            Optional<String> error = error(value);
            if (error.isPresent()) {
                Refused why = Refused.because(
                        reason(error.get()).orElseGet(() -> reason(status)), "status " + status + ": " + error.get());
                return Optional.of(ProxyError.of(error.get()).map(why::as).orElse(why));
            }
        }
        return Optional.empty();
    }

    /** The first {@code error} parameter of a field value, outside quoted strings. */
    static Optional<String> error(String value) {
        int at = 0;
        while (at < value.length()) {
            char c = value.charAt(at++);
            if (c == '"') {
                at = quoted(value, at);
            } else if (c == ';') {
                int key = skipSpace(value, at);
                int end = token(value, key);
                if (value.startsWith("error=", key) && end == key + "error".length()) {
                    return Optional.of(value.substring(end + 1, token(value, end + 1)));
                }
                at = end;
            }
        }
        return Optional.empty();
    }

    /** The index behind the closing quote. */
    private static int quoted(String value, int from) {
        int at = from;
        while (at < value.length() && value.charAt(at) != '"') {
            at += value.charAt(at) == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private static int skipSpace(String value, int from) {
        int at = from;
        while (at < value.length() && value.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    private static int token(String value, int from) {
        int at = from;
        while (at < value.length() && (value.charAt(at) == '_' || Character.isLetterOrDigit(value.charAt(at)))) {
            at++;
        }
        return at;
    }

    /** The reason of an error type; empty for types that say nothing about the target. */
    static Optional<Refusal> reason(String error) {
        return Optional.ofNullable(
                switch (error) {
                    case "dns_timeout", "dns_error" -> Refusal.UNRESOLVED;
                    case "destination_not_found" -> Refusal.NO_ROUTE;
                    case "destination_ip_unroutable",
                            "connection_terminated",
                            "http_response_incomplete",
                            "http_protocol_error",
                            "http_upgrade_failed" -> Refusal.UNREACHABLE;
                    case "connection_limit_reached" -> Refusal.OVERLOADED;
                    case "destination_unavailable" -> Refusal.DRAINING;
                    case "destination_ip_prohibited", "http_request_denied" -> Refusal.DENIED;
                    case "connection_refused" -> Refusal.CONNECTION_REFUSED;
                    case "connection_timeout",
                            "connection_read_timeout",
                            "connection_write_timeout",
                            "http_response_timeout" -> Refusal.TIMED_OUT;
                    case "tls_protocol_error", "tls_certificate_error", "tls_alert_received" ->
                        Refusal.UPSTREAM_IDENTITY;
                    case "proxy_loop_detected" -> Refusal.LOOP;
                    case "http_request_error" -> Refusal.MALFORMED;
                    case "proxy_internal_error" -> Refusal.INTERNAL;
                    default -> null;
                });
    }

    /** The reason of a status code, where the proxy said nothing more precise. */
    public static Refusal reason(int status) {
        return switch (status) {
            // Not UNAUTHENTICATED: it is our login that is wrong, and the client cannot mend it.
            case 401, 403, 405, 407, 451 -> Refusal.DENIED;
            case 404, 410 -> Refusal.UNRESOLVED;
            case 429, 503 -> Refusal.OVERLOADED;
            case 408, 504 -> Refusal.TIMED_OUT;
            case 508 -> Refusal.LOOP;
            default -> Refusal.UNREACHABLE;
        };
    }
}
