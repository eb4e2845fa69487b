package dev.ugate.discovery.dns;

import java.net.InetAddress;
import java.util.List;

/** What a name came to. */
sealed interface Outcome {
    /** Addresses in the order to dial. */
    record Found(List<InetAddress> addresses) implements Outcome {
        public Found {
            addresses = List.copyOf(addresses);
        }
    }

    /** The name does not exist. */
    record Absent() implements Outcome {}

    /** The name exists and has no address. */
    record Bare() implements Outcome {}

    /** Nobody gave a usable answer; {@code silent} where nobody gave any. */
    record Failed(String text, boolean silent) implements Outcome {}
}
