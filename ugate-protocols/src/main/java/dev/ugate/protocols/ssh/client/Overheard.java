package dev.ugate.protocols.ssh.client;

import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/** A layer, and who wants to hear of an end that comes while it stands. */
record Overheard(Layer layer, Consumer<Violation> end) implements Layer {
    @Override
    public void opened(Packets packets) {
        layer.opened(packets);
    }

    @Override
    public boolean received(int message, ByteBuf payload) {
        return layer.received(message, payload);
    }

    @Override
    public void writable() {
        layer.writable();
    }

    @Override
    public void readComplete() {
        layer.readComplete();
    }

    @Override
    public void drain() {
        layer.drain();
    }

    @Override
    public void closed(Violation why) {
        layer.closed(why);
        end.accept(why);
    }
}
