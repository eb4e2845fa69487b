package dev.ugate.protocols.http.h2.frame;

import dev.ugate.protocols.http.hpack.HpackEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;

/**
 * Writes frames: heads and small payloads into one buffer, large payloads behind it as they are. The last frame of a stream can still
 * be made its last one until it is handed to the channel.
 */
public final class FrameWriter {
    private static final int CHUNK = 8 * 1024;

    /** Payloads up to here are copied: a buffer of their own would cost more. */
    private static final int JOINED = 512;

    private final Channel channel;
    private final HpackEncoder encoder = new HpackEncoder();
    private ByteBuf chunk = Unpooled.EMPTY_BUFFER;
    private ByteBuf payload = Unpooled.EMPTY_BUFFER;
    private int maxFrame = 16 * 1024;
    private int lastStream;
    private int lastFlags;
    private boolean dirty;

    public FrameWriter(Channel channel) {
        this.channel = channel;
    }

    public HpackEncoder encoder() {
        return encoder;
    }

    /** What the peer takes, or less. */
    public void maxFrame(int octets) {
        maxFrame = octets;
    }

    /** Sends the block that the encoder has. */
    public void headers(int stream, boolean end) {
        int size = encoder.size();
        int first = Math.min(size, maxFrame);
        head(Frame.HEADERS, (end ? Frame.END_STREAM : 0) | (first == size ? Frame.END_HEADERS : 0), stream, first);
        encoder.copy(0, first, chunk);
        for (int at = first; at < size; at += maxFrame) {
            int part = Math.min(size - at, maxFrame);
            head(Frame.CONTINUATION, at + part == size ? Frame.END_HEADERS : 0, stream, part);
            encoder.copy(at, part, chunk);
            lastStream = 0;
        }
    }

    /**
     * Sends the block as the head of a request. An end that comes later has a frame of its own, though nothing came between: the
     * protocol of gRPC asks clients for that, and servers of it in Go wait for ever otherwise.
     */
    public void request(int stream, boolean end) {
        headers(stream, end);
        lastStream = 0;
    }

    /** Sends the next {@code length} bytes of {@code bytes} (borrowed, not consumed). */
    public void data(int stream, ByteBuf bytes, int length) {
        int from = bytes.readerIndex();
        int left = length;
        while (left > 0) {
            int part = Math.min(left, maxFrame);
            head(Frame.DATA, 0, stream, part);
            if (part <= JOINED) {
                chunk.writeBytes(bytes, from, part);
            } else {
                // The second owner is the channel's outbound buffer.
                payload = bytes.retainedSlice(from, part);
            }
            from += part;
            left -= part;
        }
    }

    /** Ends a stream: with its last frame if that is still here, else with an empty one. */
    public void end(int stream) {
        if (lastStream == stream) {
            chunk.setByte(lastFlags, chunk.getByte(lastFlags) | Frame.END_STREAM);
        } else {
            head(Frame.DATA, Frame.END_STREAM, stream, 0);
        }
        lastStream = 0;
    }

    public void reset(int stream, Code code) {
        head(Frame.RST_STREAM, 0, stream, 4);
        chunk.writeInt(code.number());
        lastStream = 0;
    }

    public void windowUpdate(int stream, int octets) {
        head(Frame.WINDOW_UPDATE, 0, stream, 4);
        chunk.writeInt(octets);
        lastStream = 0;
    }

    /** {@code pairs}: identifiers and values in turn. */
    public void settings(int... pairs) {
        head(Frame.SETTINGS, 0, 0, pairs.length * 3);
        for (int i = 0; i < pairs.length; i += 2) {
            chunk.writeShort(pairs[i]).writeInt(pairs[i + 1]);
        }
    }

    public void settingsAck() {
        head(Frame.SETTINGS, Frame.ACK, 0, 0);
    }

    public void ping(long opaque, boolean ack) {
        head(Frame.PING, ack ? Frame.ACK : 0, 0, 8);
        chunk.writeLong(opaque);
    }

    public void goAway(int lastStreamId, Code code) {
        head(Frame.GOAWAY, 0, 0, 8);
        chunk.writeInt(lastStreamId).writeInt(code.number());
    }

    /** The client's first words (RFC 9113 §3.4). */
    public void preface(byte[] words) {
        chunk = memory(CHUNK).writeBytes(words);
    }

    /** Where there is none the connection ends: windows and field tables count on a frame that the peer will not see. */
    private ByteBuf memory(int octets) {
        try {
            return channel.alloc().directBuffer(octets);
        } catch (OutOfMemoryError scarce) {
            channel.pipeline().fireExceptionCaught(scarce);
            throw scarce;
        }
    }

    private void head(int type, int flags, int stream, int length) {
        if (payload.isReadable()) {
            handOver();
        }
        int room = Frame.HEAD + (type == Frame.DATA ? Math.min(length, JOINED) : length);
        if (chunk.writableBytes() < room) {
            handOver();
            release();
            chunk = memory(Math.max(CHUNK, room));
        }
        chunk.writeInt(length << 8 | type);
        lastFlags = chunk.writerIndex();
        lastStream = stream;
        chunk.writeByte(flags).writeInt(stream);
    }

    /** Gives everything so far to the channel. */
    private void handOver() {
        lastStream = 0;
        if (chunk.isReadable()) {
            dirty = true;
            channel.write(chunk.readRetainedSlice(chunk.readableBytes()), channel.voidPromise());
        }
        if (payload.isReadable()) {
            ByteBuf next = payload;
            payload = Unpooled.EMPTY_BUFFER;
            channel.write(next, channel.voidPromise());
        }
    }

    /** Sends everything so far. */
    public void flush() {
        handOver();
        release();
        if (dirty) {
            dirty = false;
            channel.flush();
        }
    }

    /** Everything so far for somebody else to send, given away; nothing may be written after it. */
    public ByteBuf take() {
        handOver();
        ByteBuf rest = chunk;
        chunk = Unpooled.EMPTY_BUFFER;
        return rest;
    }

    /** Lets go of the buffers. */
    public void release() {
        chunk.release();
        chunk = Unpooled.EMPTY_BUFFER;
        payload.release();
        payload = Unpooled.EMPTY_BUFFER;
        lastStream = 0;
    }
}
