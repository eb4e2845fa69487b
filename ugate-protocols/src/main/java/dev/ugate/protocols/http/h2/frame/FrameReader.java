package dev.ugate.protocols.http.h2.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * Cuts the bytes of a connection into frames (RFC 9113 §4). The content of DATA goes on as slices, however its frame is split; every
 * other frame is held until it is whole.
 */
public final class FrameReader {
    /** Takes what was read; each may throw {@link Violation}. */
    public interface Frames {
        /** A whole frame of any type but DATA; {@code payload} is borrowed. */
        void frame(Frame frame, ByteBuf payload);

        /** The head of a DATA frame. */
        void data(Frame frame);

        /** Content of that frame, given away. */
        void content(ByteBuf bytes);

        /** Octets of that frame that count but carry nothing. */
        void padding(int octets);

        /** The DATA frame is whole. */
        void endOfData(Frame frame);
    }

    private enum Phase {
        HEAD,
        PAYLOAD,
        PAD_LENGTH,
        CONTENT,
        PADDING
    }

    /** No frame but DATA is larger, whatever the size we allow: it would have to be held. */
    private static final int MOST_HELD = 64 * 1024;

    private final Frames sink;
    private final ByteBufAllocator alloc;
    private final int maxFrame;
    private final Frame frame = new Frame();
    private ByteBuf held = Unpooled.EMPTY_BUFFER;
    private Phase phase = Phase.HEAD;
    private int left;
    private int padding;

    public FrameReader(Frames sink, ByteBufAllocator alloc, int maxFrame) {
        this.sink = sink;
        this.alloc = alloc;
        this.maxFrame = maxFrame;
    }

    /** Whether a frame that must be held has begun and is not whole. */
    public boolean begun() {
        return held.isReadable();
    }

    /** Consumes everything. Throws {@link Violation}, and must not be called again then. */
    public void read(ByteBuf in) {
        while (step(in)) {
            // One phase at a time.
        }
    }

    private boolean step(ByteBuf in) {
        return switch (phase) {
            case HEAD -> head(in);
            case PAYLOAD -> payload(in);
            case PAD_LENGTH -> padLength(in);
            case CONTENT -> content(in);
            case PADDING -> padding(in);
        };
    }

    private boolean head(ByteBuf in) {
        if (!whole(in, Frame.HEAD)) {
            return false;
        }
        boolean wasHeld = held.isReadable();
        frame.read(wasHeld ? held : in);
        release();
        if (frame.length() > maxFrame) {
            throw Violation.fatal(
                    Code.FRAME_SIZE_ERROR, "frame of " + frame.length() + " octets: expected at most " + maxFrame);
        }
        if (frame.type() == Frame.DATA) {
            left = frame.length();
            padding = 0;
            phase = frame.has(Frame.PADDED) ? Phase.PAD_LENGTH : Phase.CONTENT;
            sink.data(frame);
        } else if (frame.length() > MOST_HELD) {
            throw Violation.fatal(Code.ENHANCE_YOUR_CALM, "frame type " + frame.type() + ": too large");
        } else {
            phase = Phase.PAYLOAD;
        }
        return true;
    }

    /** Whether so many octets are there: in {@code in}, or collected from before. */
    private boolean whole(ByteBuf in, int wanted) {
        if (!held.isReadable()) {
            if (in.readableBytes() >= wanted) {
                return true;
            }
            if (!in.isReadable()) {
                return false;
            }
            held = alloc.buffer(wanted, wanted);
        }
        held.writeBytes(in, Math.min(wanted - held.readableBytes(), in.readableBytes()));
        return held.readableBytes() == wanted;
    }

    private boolean payload(ByteBuf in) {
        int length = frame.length();
        if (!whole(in, length)) {
            return false;
        }
        phase = Phase.HEAD;
        if (held.isReadable()) {
            sink.frame(frame, held);
            release();
        } else {
            int end = in.readerIndex() + length;
            int limit = in.writerIndex();
            // Narrowed, so that nobody can read past the frame.
            in.writerIndex(end);
            sink.frame(frame, in);
            in.writerIndex(limit).readerIndex(end);
        }
        return true;
    }

    private boolean padLength(ByteBuf in) {
        if (left == 0) {
            throw Violation.fatal(Code.FRAME_SIZE_ERROR, "data: padded, without a length of it");
        }
        if (!in.isReadable()) {
            return false;
        }
        padding = in.readUnsignedByte();
        left -= 1 + padding;
        if (left < 0) {
            throw Violation.fatal(Code.PROTOCOL_ERROR, "data: padding longer than the frame");
        }
        phase = Phase.CONTENT;
        sink.padding(1 + padding);
        return true;
    }

    private boolean content(ByteBuf in) {
        int n = Math.min(left, in.readableBytes());
        if (n > 0) {
            left -= n;
            // The second owner is the stream's reader.
            sink.content(in.readRetainedSlice(n));
        }
        if (left > 0) {
            return false;
        }
        phase = Phase.PADDING;
        return true;
    }

    private boolean padding(ByteBuf in) {
        int n = Math.min(padding, in.readableBytes());
        in.skipBytes(n);
        padding -= n;
        if (padding > 0) {
            return false;
        }
        phase = Phase.HEAD;
        sink.endOfData(frame);
        return true;
    }

    /** Lets go of what was held. */
    public void release() {
        if (held != Unpooled.EMPTY_BUFFER) {
            held.release();
            held = Unpooled.EMPTY_BUFFER;
        }
    }
}
