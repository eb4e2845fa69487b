package dev.ugate.testing;

import dev.ugate.net.foreign.ForeignChannel;
import dev.ugate.spi.Fin;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** Whoever owns a tunnel or a body: takes as many bytes as there is room for, and notes how it ended. */
public final class FarSide implements ForeignChannel.Far {
    private final List<String> ends = new ArrayList<>();

    /** Bytes that it still takes. */
    public int room = Integer.MAX_VALUE;

    /** What the channel told so far: {@code end} of its direction, {@code close} of all. */
    public List<String> ends() {
        return ends;
    }

    @Override
    public int write(ByteBuf bytes) {
        int part = Math.min(room, bytes.readableBytes());
        room -= part;
        return part;
    }

    @Override
    public void finish(Fin fin) {
        ends.add("end");
    }

    @Override
    public void read() {}

    @Override
    public void close() {
        ends.add("close");
    }
}
