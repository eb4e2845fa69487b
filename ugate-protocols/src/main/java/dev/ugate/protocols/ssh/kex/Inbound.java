package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Identification;
import dev.ugate.protocols.ssh.wire.PacketReader;
import dev.ugate.protocols.ssh.wire.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** What comes in: a line, then packets. */
final class Inbound {
    private final Link link;
    private final PacketReader reader;
    private final Dispatch dispatch;
    private @Nullable Identification line;
    private ByteBuf held = Unpooled.EMPTY_BUFFER;
    private boolean taking;

    Inbound(Link link) {
        this.link = link;
        this.reader = new PacketReader(link.connection().alloc());
        this.dispatch = new Dispatch(link);
        this.line = new Identification(!link.server());
    }

    PacketReader reader() {
        return reader;
    }

    /** Borrows. Throws {@link Violation}. */
    void read(ByteBuf in) {
        if (held.isReadable()) {
            held.writeBytes(in);
            take(held);
        } else {
            take(in);
        }
    }

    private void take(ByteBuf in) {
        taking = true;
        try {
            if (line != null) {
                identify(line, in);
            }
            if (line == null) {
                reader.read(in, dispatch);
            }
        } finally {
            taking = false;
        }
        if (link.layers().over()) {
            drop();
        } else {
            keep(in);
        }
    }

    private void identify(Identification first, ByteBuf in) {
        String peer = first.read(in);
        if (peer != null) {
            line = null;
            link.exchanges().identified(peer);
        }
    }

    /** What is left waits: for the rest of the line, which is bounded, or for the end of a pause, in which nothing is read. */
    private void keep(ByteBuf in) {
        if (in == held) {
            if (!held.isReadable()) {
                drop();
            }
        } else if (in.isReadable()) {
            drop();
            held = link.connection().alloc().heapBuffer(in.readableBytes()).writeBytes(in);
        }
    }

    /** Something is computed that the next packet depends on. */
    void pause() {
        reader.pause();
        link.flow().pause(true);
    }

    /** It is there; takes what came meanwhile. */
    void resume() {
        reader.resume();
        link.flow().pause(false);
        if (held.isReadable()) {
            link.flow().begin();
            take(held);
            link.flow().readComplete();
        }
    }

    void end() {
        reader.end();
        if (!taking) {
            drop();
        }
    }

    private void drop() {
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }
}
