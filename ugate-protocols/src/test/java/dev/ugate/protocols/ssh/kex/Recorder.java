package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Layer;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.Packets;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A layer that keeps what it is told; message 5 makes it hand over to itself, so that the peer counts as authenticated. */
class Recorder implements Layer {
    final List<String> heard = new ArrayList<>();
    final List<Violation> closed = new ArrayList<>();
    int opened;
    int writable;
    int reads;
    int drains;
    private @Nullable Packets packets;

    Packets packets() {
        return Objects.requireNonNull(packets);
    }

    /** Sends and flushes. */
    void say(int message, byte[] text) {
        put(message, text);
        packets().flush();
    }

    void put(int message, byte[] text) {
        packets().send(packets().payload(message, text.length).writeBytes(text));
    }

    void trust() {
        packets().handOver(this);
    }

    @Override
    public void opened(Packets link) {
        packets = link;
        opened++;
    }

    @Override
    public boolean received(int message, ByteBuf payload) {
        if (message == Message.SERVICE_REQUEST) {
            trust();
        }
        heard.add(message + " " + ByteBufUtil.hexDump(payload));
        return message < 150;
    }

    @Override
    public void writable() {
        writable++;
    }

    @Override
    public void readComplete() {
        reads++;
    }

    @Override
    public void drain() {
        drains++;
    }

    @Override
    public void closed(Violation why) {
        closed.add(why);
    }
}
