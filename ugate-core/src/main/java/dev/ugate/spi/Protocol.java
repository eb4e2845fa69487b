package dev.ugate.spi;

import io.netty.channel.Channel;
import java.util.List;

/** One way in, and the unit of extension: a word, a sniffer, and how to serve a recognised connection. */
public interface Protocol {
    /** The one word used in config, logs, metrics, tests and docs. */
    String name();

    Sniffer sniffer();

    /** Application protocols (RFC 7301) whose connections come straight here once TLS negotiated one of them; the preferred first. */
    default List<String> alpn() {
        return List.of();
    }

    /** Whether a connection must begin with this protocol, so that nothing is sniffed: a PROXY header from a trusted source. */
    default boolean demanded(Connection connection) {
        return false;
    }

    /**
     * Adds handlers to the end of the connection's pipeline; they report streams to the gate. Runs on the connection's loop; the
     * bytes read so far are replayed to the added handlers afterwards.
     */
    void serve(Channel connection, Gate gate);
}
