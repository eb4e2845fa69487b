package dev.ugate.protocols.ssh.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * Cuts the bytes of a connection into packets and decrypts them (RFC 4253 §6). Ciphers work on arrays, sockets do not: each packet is copied
 * to an array, and decrypted to another that is in the caches, from which its payload goes where a socket takes it; payloads that were
 * read together share a buffer.
 */
public final class PacketReader {
    /** Takes what was read; may throw {@link Violation}, and may change the keys. */
    public interface Sink {
        /** A packet's payload, borrowed. */
        void packet(ByteBuf payload, int sequence);
    }

    /** Length, body and tag (RFC 4253 §6.1, L52). */
    static final int MOST = 35_000;

    private static final int HEAD = 4;
    private static final int LEAST_PADDING = 4;

    /** Payloads that were read together share a buffer up to here. */
    private static final int SHARED = 128 * 1024;

    /**
     * Where the loop's packets are decrypted to, one at a time. No part of a pool: where both ends of a decryption are in one array, the JDK's
     * GCM makes another one as large, of 4 MiB in a pool.
     */
    private static final FastThreadLocal<byte[]> OPENED = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[MOST];
        }
    };

    /** Whether the next packet is wanted. */
    private enum State {
        READS,
        PAUSED,
        ENDED
    }

    private final ByteBufAllocator alloc;
    private final Load load = new Load();
    private PacketCipher cipher = new Clear();
    private ByteBuf sealed = Unpooled.EMPTY_BUFFER;
    private ByteBuf plain = Unpooled.EMPTY_BUFFER;
    private int sequence;
    private int length = -1;
    private State state = State.READS;

    public PacketReader(ByteBufAllocator alloc) {
        this.alloc = alloc;
    }

    /** What was read since the keys came. */
    public Load load() {
        return load;
    }

    /** The sequence number of the next packet. */
    public int sequence() {
        return sequence;
    }

    /** The next packet is under these keys; {@code reset}: its number is 0 (strict key exchange). */
    public void keys(PacketCipher next, boolean reset) {
        cipher = next;
        load.clear();
        if (reset) {
            sequence = 0;
        }
    }

    /** The next packet is not read before {@link #resume}. */
    public void pause() {
        if (state == State.READS) {
            state = State.PAUSED;
        }
    }

    public void resume() {
        if (state == State.PAUSED) {
            state = State.READS;
        }
    }

    /** Consumes everything, unless {@link #end} or {@link #pause} was called on the way. */
    public void read(ByteBuf in, Sink sink) {
        if (!sealed.isReadable() && state == State.READS) {
            sealed = alloc.heapBuffer(Math.min(MOST, in.readableBytes()), MOST);
        }
        try {
            while (state == State.READS && whole(in)) {
                packet(in.readableBytes(), sink);
            }
        } finally {
            plain.release();
            plain = Unpooled.EMPTY_BUFFER;
        }
        if (!sealed.isReadable()) {
            drop();
        }
    }

    /** Whether a packet is there as a whole. */
    private boolean whole(ByteBuf in) {
        if (length < 0) {
            if (!filled(in, HEAD)) {
                return false;
            }
            length = bounded(cipher.length(sequence, sealed.array(), sealed.arrayOffset()));
        }
        return filled(in, HEAD + length + cipher.tag());
    }

    private boolean filled(ByteBuf in, int wanted) {
        int missing = wanted - sealed.writerIndex();
        sealed.writeBytes(in, Math.min(missing, in.readableBytes()));
        return sealed.writerIndex() == wanted;
    }

    private int bounded(int claimed) {
        int block = cipher.block();
        int counted = cipher.tag() == 0 ? claimed + HEAD : claimed;
        if (claimed < Math.max(block, 1 + LEAST_PADDING + 1) || claimed > MOST - HEAD - cipher.tag()) {
            throw Violation.protocol(
                    "packet of " + Integer.toUnsignedString(claimed) + " bytes: expected at most " + MOST);
        }
        if (counted % block != 0) {
            throw Violation.protocol("packet of " + claimed + " bytes: expected a multiple of " + block);
        }
        return claimed;
    }

    private void packet(int follow, Sink sink) {
        if (plain.writableBytes() < length) {
            plain.release();
            plain = alloc.directBuffer(Math.max(length, Math.min(SHARED, length + follow)));
        }
        byte[] opened = OPENED.get();
        cipher.open(sequence, sealed.array(), sealed.arrayOffset(), length, opened, 0);
        int padding = opened[0] & 0xff;
        if (padding < LEAST_PADDING || padding > length - 2) {
            throw Violation.protocol("packet: padding of " + padding + " bytes");
        }
        plain.readerIndex(plain.writerIndex()).writeBytes(opened, 1, length - 1 - padding);
        int next = plain.writerIndex();
        load.add(HEAD + length);
        length = -1;
        sealed.clear();
        sink.packet(plain, sequence++);
        if (state != State.ENDED) {
            plain.setIndex(next, next);
        }
    }

    /** Nothing more is read; lets go of what was. */
    public void end() {
        state = State.ENDED;
        drop();
    }

    private void drop() {
        sealed.release();
        sealed = Unpooled.EMPTY_BUFFER;
    }
}
