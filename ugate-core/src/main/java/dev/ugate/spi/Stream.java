package dev.ugate.spi;

import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import io.netty.channel.Channel;

/** A client's byte stream that knows its intent and can answer in its own tongue. */
public interface Stream {
    Intent intent();

    /** Reads and writes {@code ByteBuf} and {@link Fin}; the gate turns autoRead off on open and on when the relay starts. */
    Channel channel();

    /**
     * The upstream is connected: say yes to the client, remove the handshake and thereby replay what the client sent early. The
     * relay is already the last handler.
     */
    void accepted(Channel upstream);

    /** Say no to the client in the protocol's own words, then close. */
    void refused(Refused why);
}
