package dev.ugate.protocols.http.ws;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Writes the frames of one direction; a client's are masked while they are copied, a server's payload is not copied. */
final class FrameWriter {
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int MAX_HEAD = 14;

    /** Payload that is cheaper to copy behind its head than to write, and to seal, on its own. */
    private static final int SMALL = 4 * 1024;

    private final @Nullable RandomGenerator masks;

    /** {@code masks} gives the keys of a client, which nobody may foresee (RFC 6455 §10.3); null for a server. */
    FrameWriter(@Nullable RandomGenerator masks) {
        this.masks = masks;
    }

    /** Writes one frame, in one buffer or two; takes the payload. */
    void frame(ByteBufAllocator alloc, int opcode, boolean last, ByteBuf payload, Consumer<ByteBuf> out) {
        int length = payload.readableBytes();
        RandomGenerator keys = masks;
        boolean copies = keys != null || length <= SMALL;
        ByteBuf frame = alloc.directBuffer(MAX_HEAD + (copies ? length : 0));
        frame.writeByte(last ? FINAL | opcode : opcode);
        length(frame, length, keys == null ? 0 : MASKED);
        if (keys != null) {
            masked(frame, payload, keys.nextInt());
        } else if (copies) {
            frame.writeBytes(payload);
        }
        out.accept(frame);
        if (copies) {
            payload.release();
        } else {
            out.accept(payload);
        }
    }

    private static void length(ByteBuf frame, int length, int mask) {
        if (length < 126) {
            frame.writeByte(mask | length);
        } else if (length <= 0xFFFF) {
            frame.writeByte(mask | 126).writeShort(length);
        } else {
            frame.writeByte(mask | 127).writeLong(length);
        }
    }

    private static void masked(ByteBuf frame, ByteBuf payload, int key) {
        frame.writeInt(key);
        int head = frame.readerIndex();
        frame.readerIndex(frame.writerIndex());
        frame.writeBytes(payload);
        Mask.apply(frame, key);
        frame.readerIndex(head);
    }

    /** A Close frame with a code and no reason. */
    void close(ByteBufAllocator alloc, int code, Consumer<ByteBuf> out) {
        ByteBuf payload = code == CloseFrame.NONE
                ? Unpooled.EMPTY_BUFFER
                : alloc.directBuffer(2).writeShort(code);
        frame(alloc, Opcode.CLOSE, true, payload, out);
    }
}
