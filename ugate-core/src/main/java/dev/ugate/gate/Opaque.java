package dev.ugate.gate;

import dev.ugate.model.HostPort;
import dev.ugate.model.Intent;
import dev.ugate.model.Refused;
import dev.ugate.net.EarlyReads;
import dev.ugate.net.Reset;
import dev.ugate.spi.Connection;
import dev.ugate.spi.Gate;
import dev.ugate.spi.Protocol;
import dev.ugate.spi.Sniffer;
import dev.ugate.spi.Stream;
import io.netty.channel.Channel;

/** Bytes that nobody recognised or looked at, on their way to a target that the listener names. */
record Opaque(HostPort target) implements Protocol {
    @Override
    public String name() {
        return "tcp";
    }

    @Override
    public Sniffer sniffer() {
        return Sniffer.NEVER;
    }

    @Override
    public void serve(Channel connection, Gate gate) {
        connection.config().setAutoRead(false);
        EarlyReads.on(connection);
        gate.open(new Bytes(
                connection, Intent.bytes(name(), Connection.of(connection).peer(), target)));
    }

    private record Bytes(Channel channel, Intent intent) implements Stream {
        @Override
        public void accepted(Channel upstream) {
            // Nothing to say, and the relay's first read finds what came early.
        }

        @Override
        public void refused(Refused why) {
            // No protocol, no words: a reset is the only answer that no client takes for an empty one.
            Reset.close(channel);
        }
    }
}
