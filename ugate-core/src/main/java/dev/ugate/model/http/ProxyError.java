package dev.ugate.model.http;

import java.util.Locale;

/** What went wrong on the way to the next hop or behind it, where a refusal's reason says less (RFC 9209 §2.3). */
public enum ProxyError {
    /** Nobody said within a limit where the target is. */
    DNS_TIMEOUT,
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

    /** The error type as Proxy-Status writes it. */
    public String word() {
        return word;
    }
}
