package dev.ugate.protocols.ssh;

import dev.ugate.protocols.ssh.kex.HostKeys;
import dev.ugate.protocols.ssh.kex.Side;
import dev.ugate.protocols.ssh.server.Guest;
import dev.ugate.protocols.ssh.wire.Disconnect;
import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** The entrance of a process without keys: it has nothing to show, and nobody comes in. */
final class ClosedDoor implements Ssh.Entrance, HostKeys {
    @Override
    public Side.Server side(Supplier<String> version) {
        return new Side.Server(this, List.of());
    }

    @Override
    public Layer guard(Channel connection, Function<Guest, Layer> next) {
        return new Layer() {
            @Override
            public void opened(Packets packets) {
                packets.disconnect(Violation.of(Disconnect.NO_MORE_AUTH_METHODS, "login: nobody is let in"));
            }

            @Override
            public boolean received(int message, ByteBuf payload) {
                return false;
            }

            @Override
            public void writable() {}

            @Override
            public void drain() {}

            @Override
            public void closed(Violation why) {}
        };
    }

    @Override
    public List<String> algorithms() {
        return List.of();
    }

    @Override
    public byte[] blob(String algorithm) {
        throw new IllegalStateException("host key " + algorithm + ": there is none");
    }

    @Override
    public byte[] sign(String algorithm, byte[] data) {
        throw new IllegalStateException("host key " + algorithm + ": there is none");
    }
}
