package dev.ugate.model.http;

import java.util.Locale;
import java.util.Optional;

/** What went wrong on the way to the next hop or behind it, where a refusal's reason says less (RFC 9209 §2.3). */
public enum ProxyError {
    /** Nobody said within a limit where the target is. */
    DNS_TIMEOUT,
    /** The next hop may not go to the address of the target. */
    DESTINATION_IP_PROHIBITED,
    /** TLS failed behind the next hop, before a certificate was looked at. */
    TLS_PROTOCOL_ERROR,
    /** Whom the next hop spoke TLS to gave up. */
    TLS_ALERT_RECEIVED,
    /** No reply, or no more of one, within a limit. */
    HTTP_RESPONSE_TIMEOUT,
    /** The next hop does not speak what was to be upgraded to. */
    HTTP_UPGRADE_FAILED,
    /** A reply that breaks the rules of HTTP. */
    HTTP_PROTOCOL_ERROR,
    /** The next hop broke its reply off, and not the connection. */
    HTTP_RESPONSE_INCOMPLETE,
    /** The next hop took nothing more for too long. */
    CONNECTION_WRITE_TIMEOUT,
    /** The next hop gave no sign of life for too long. */
    CONNECTION_READ_TIMEOUT,
    /** The connection ended before the reply did. */
    CONNECTION_TERMINATED;

    private final String word = name().toLowerCase(Locale.ROOT);

    /** The one that Proxy-Status writes so; empty for types that a refusal's reason says as well, and for unknown ones. */
    public static Optional<ProxyError> of(String word) {
        for (ProxyError error : values()) {
            if (error.word.equals(word)) {
                return Optional.of(error);
            }
        }
        return Optional.empty();
    }

    /** The error type as Proxy-Status writes it. */
    public String word() {
        return word;
    }
}
