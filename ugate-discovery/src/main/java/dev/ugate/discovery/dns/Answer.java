package dev.ugate.discovery.dns;

import java.net.InetAddress;
import java.util.List;

/** What one server said to one question; TTLs in seconds. */
sealed interface Answer {
    /** Addresses, all of the family that was asked for. */
    record Addresses(List<InetAddress> list, long ttl) implements Answer {}

    /** The name is another's; the server did not say where that one is. */
    record Alias(String target, int links, long ttl) implements Answer {}

    /** NXDOMAIN (RFC 8020). */
    record NoName(long ttl) implements Answer {}

    /** The name has no record of this type (NODATA, RFC 2308 §2.2). */
    record NoRecord(long ttl) implements Answer {}

    /** The server failed or its answer is unusable; {@code silent} where none of them answered at all. */
    record Failed(String text, boolean silent) implements Answer {
        Failed(String text) {
            this(text, false);
        }
    }

    /** The server did not answer in time. */
    record Silent() implements Answer {}
}
