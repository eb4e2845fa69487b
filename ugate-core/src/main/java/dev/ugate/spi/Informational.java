package dev.ugate.spi;

import dev.ugate.model.http.Fields;

/** Takes the 1xx responses that precede a reply (RFC 9110 §15.2). */
@FunctionalInterface
public interface Informational {
    Informational IGNORED = (status, fields) -> {};

    /** {@code status} is 100 to 199 and never 101. */
    void inform(int status, Fields fields);
}
