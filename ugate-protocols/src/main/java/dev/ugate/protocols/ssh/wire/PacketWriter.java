package dev.ugate.protocols.ssh.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;

/** Puts packets one behind the other into one buffer, each encrypted where it was written (RFC 4253 §6). */
public final class PacketWriter {
    /** Length and length of padding, in front of the payload. */
    private static final int HEAD = 5;

    /** What may follow a payload: padding and tag. */
    private static final int TAIL = 64;

    private static final int LEAST_PADDING = 4;
    private static final int LEAST_CHUNK = 1024;

    /** Three packets of the usual 32 KiB. */
    private static final int CHUNK = 128 * 1024;

    private final Channel channel;
    private final Load load = new Load();
    private PacketCipher cipher = new Clear();
    private ByteBuf chunk = Unpooled.EMPTY_BUFFER;
    private int begun; // behind the last sealed packet
    private int sequence;
    private int usual = LEAST_CHUNK;
    private boolean dirty;

    public PacketWriter(Channel channel) {
        this.channel = channel;
    }

    /** What was written since the keys came. */
    public Load load() {
        return load;
    }

    /** The next packet is under these keys; {@code reset}: its number is 0 (strict key exchange). */
    public void keys(PacketCipher next, boolean reset) {
        cipher = next;
        load.clear();
        if (reset) {
            sequence = 0;
        }
    }

    /** Bytes that are no packet: the identification line. */
    public void raw(byte[] bytes) {
        room(bytes.length);
        chunk.writerIndex(begun).writeBytes(bytes);
        begun = chunk.writerIndex();
    }

    /** Where the payload of the next packet is to be written, its message first; {@code expected}: the most bytes behind that. */
    public ByteBuf begin(int message, int expected) {
        room(HEAD + 1 + expected + TAIL);
        // Forgets a packet that was begun and never sealed.
        return chunk.setIndex(0, begun).writeZero(HEAD).writeByte(message);
    }

    /** What was written since {@link #begin} is a packet. */
    public void seal() {
        int block = cipher.block();
        int payload = chunk.writerIndex() - begun - HEAD;
        int counted = (cipher.tag() == 0 ? HEAD : 1) + payload;
        int padding = block - counted % block;
        if (padding < LEAST_PADDING) {
            padding += block;
        }
        if (counted + padding < 16) {
            padding += block;
        }
        int length = 1 + payload + padding;
        // Zeros: they are encrypted, or nothing is.
        chunk.writeZero(padding + cipher.tag());
        byte[] array = chunk.array();
        int at = chunk.arrayOffset() + begun;
        Bytes.u32(array, at, length);
        array[at + 4] = (byte) padding;
        cipher.seal(sequence++, array, at, length);
        begun = chunk.writerIndex();
        load.add(4 + length);
    }

    private void room(int bytes) {
        if (chunk.writableBytes() < bytes) {
            handOver();
            chunk.release();
            chunk = Unpooled.EMPTY_BUFFER;
            chunk = channel.alloc().heapBuffer(Math.max(usual, bytes));
            usual = Math.min(CHUNK, 8 * usual);
        }
    }

    private void handOver() {
        if (begun > 0) {
            dirty = true;
            ByteBuf full = chunk.writerIndex(begun);
            chunk = Unpooled.EMPTY_BUFFER;
            begun = 0;
            channel.pipeline().write(full, channel.voidPromise());
        }
    }

    /** Sends everything so far. */
    public void flush() {
        usual = Math.max(LEAST_CHUNK, Math.min(CHUNK, Integer.highestOneBit(Math.max(1, begun)) * 2));
        handOver();
        release();
        if (dirty) {
            dirty = false;
            channel.pipeline().flush();
        }
    }

    /** Everything so far for somebody else to send, given away. */
    public ByteBuf take() {
        ByteBuf rest = chunk.writerIndex(begun);
        chunk = Unpooled.EMPTY_BUFFER;
        begun = 0;
        return rest;
    }

    /** Lets go of what was not sent. */
    public void release() {
        chunk.release();
        chunk = Unpooled.EMPTY_BUFFER;
        begun = 0;
    }
}
