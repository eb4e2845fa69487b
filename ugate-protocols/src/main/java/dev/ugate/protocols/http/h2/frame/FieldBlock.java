package dev.ugate.protocols.http.h2.frame;

import dev.ugate.model.Limits;
import dev.ugate.protocols.http.hpack.HpackDecoder;
import dev.ugate.protocols.http.hpack.HpackException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/** The field block of a HEADERS frame and its CONTINUATIONs (RFC 9113 §4.3), fragment by fragment, and the decoder of all of them. */
public final class FieldBlock {
    /** Octets of a priority. */
    public static final int DEPENDENCY = 5;

    private final Limits limits;
    private final HpackDecoder decoder;
    private ByteBuf fragments = Unpooled.EMPTY_BUFFER;
    private int stream;
    private int continuations;
    private boolean endsStream;
    private boolean dependsOnItself;

    public FieldBlock(Limits limits) {
        this.limits = limits;
        this.decoder = new HpackDecoder(limits.http2().http2Table().toInt());
    }

    /** Whether it has begun and is not whole. */
    public boolean begun() {
        return stream != 0;
    }

    /** The stream of the one that has begun, 0 for none. */
    public int stream() {
        return stream;
    }

    /** Whether it is the last that its stream sends. */
    public boolean endsStream() {
        return endsStream;
    }

    /** Whether its priority is nonsense (RFC 7540 §5.3.1). */
    public boolean dependsOnItself() {
        return dependsOnItself;
    }

    /** A HEADERS frame: leaves in the payload (borrows) what is the block. Throws {@link Violation}. */
    public void headers(Frame frame, ByteBuf payload) {
        unpad(frame, payload);
        dependsOnItself = false;
        if (frame.has(Frame.WITH_PRIORITY)) {
            if (payload.readableBytes() < DEPENDENCY) {
                throw Violation.wrongSize("headers");
            }
            dependsOnItself = (payload.readInt() & 0x7FFF_FFFF) == frame.stream();
            payload.skipBytes(1);
        }
        endsStream = frame.has(Frame.END_STREAM);
    }

    private static void unpad(Frame frame, ByteBuf payload) {
        if (frame.has(Frame.PADDED)) {
            if (!payload.isReadable()) {
                throw Violation.wrongSize("headers");
            }
            int padding = payload.readUnsignedByte();
            if (padding > payload.readableBytes()) {
                throw Violation.fatal(Code.PROTOCOL_ERROR, "headers: padding longer than the frame");
            }
            payload.writerIndex(payload.writerIndex() - padding);
        }
    }

    /** Keeps the first fragment (borrows) of a block that goes on. */
    public void first(int id, ByteBuf fragment, ByteBufAllocator buffers) {
        stream = id;
        continuations = 0;
        fragments = buffers.buffer(fragment.readableBytes() * 2);
        fragments.writeBytes(fragment);
    }

    /** Keeps another fragment (borrows). Throws {@link Violation}. */
    public void next(ByteBuf fragment) {
        if (stream == 0) {
            throw Violation.fatal(Code.PROTOCOL_ERROR, "continuation: expected headers before it");
        }
        int most = limits.http2().http2Continuations();
        if (++continuations > most) {
            throw Violation.limit("http2Continuations", most + " frames after the first of a header block");
        }
        if (fragments.readableBytes() + fragment.readableBytes()
                > limits.headBytes().toInt()) {
            throw Violation.limit("headBytes", "header block of more than " + limits.headBytes());
        }
        fragments.writeBytes(fragment);
    }

    /** The whole of it, which the caller owns from now on. */
    public ByteBuf take() {
        ByteBuf whole = fragments;
        fragments = Unpooled.EMPTY_BUFFER;
        stream = 0;
        return whole;
    }

    /** Decodes a whole one (borrows). Throws {@link Violation}. */
    public void decode(ByteBuf whole, HpackDecoder.Sink sink) {
        try {
            decoder.decode(whole, sink);
        } catch (HpackException broken) {
            throw Violation.fatal(Code.COMPRESSION_ERROR, broken.text());
        }
    }

    /** Lets go of what was kept. */
    public void release() {
        take().release();
    }
}
