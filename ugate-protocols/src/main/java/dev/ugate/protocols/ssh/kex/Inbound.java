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
        if (line == null) {
            reader.read(in, dispatch);
        } else if (held.isReadable()) {
            held.writeBytes(in);
            identify(line, held);
        } else {
            identify(line, in);
        }
    }

    private void identify(Identification first, ByteBuf in) {
        String peer = first.read(in);
        if (peer != null) {
            line = null;
            link.exchanges().identified(peer);
            reader.read(in, dispatch);
            drop();
        } else if (in != held) {
            // Bounded by what a line may have.
            drop();
            held = link.connection().alloc().heapBuffer(in.readableBytes()).writeBytes(in);
        }
    }

    void end() {
        reader.end();
        if (line != null) {
            drop();
        }
    }

    private void drop() {
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }
}
