package dev.ugate.protocols.ssh.kex;

import dev.ugate.protocols.ssh.wire.Load;
import dev.ugate.protocols.ssh.wire.Message;
import dev.ugate.protocols.ssh.wire.PacketCipher;
import dev.ugate.protocols.ssh.wire.PacketWriter;
import dev.ugate.protocols.ssh.wire.Violation;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;

/** What goes out: at once, or after the key exchange under way (RFC 4253 §7.1). */
final class Outbound {
    /** Layers stop when we are not writable; what they still send is answers to what the peer sent before its KEXINIT. */
    private static final int WAITING = 4 * 1024 * 1024;

    /** Of a DISCONNECT, whose text is in UTF-8. */
    private static final int WORDS = 1024;

    private final Channel channel;
    private final PacketWriter writer;
    private final Deque<ByteBuf> waiting = new ArrayDeque<>();
    private ByteBuf next = Unpooled.EMPTY_BUFFER;
    private int waitingBytes;
    private boolean holds = true;

    Outbound(Channel channel) {
        this.channel = channel;
        this.writer = new PacketWriter(channel);
    }

    Load load() {
        return writer.load();
    }

    void raw(byte[] bytes) {
        writer.raw(bytes);
    }

    // What belongs to the transport, and waits for nothing.

    ByteBuf begin(int message, int expected) {
        return writer.begin(message, expected);
    }

    void seal() {
        writer.seal();
    }

    void keys(PacketCipher cipher, boolean reset) {
        writer.keys(cipher, reset);
    }

    // What waits for a key exchange under way.

    /** Whether packets wait. */
    boolean holds() {
        return holds;
    }

    /** From here on packets wait. */
    void hold() {
        holds = true;
    }

    ByteBuf payload(int message, int expected) {
        if (!holds) {
            return writer.begin(message, expected);
        }
        next.release();
        next = Unpooled.EMPTY_BUFFER;
        next = channel.alloc().heapBuffer(1 + expected).writeByte(message);
        return next;
    }

    void send() {
        if (!holds) {
            writer.seal();
            return;
        }
        waitingBytes += next.readableBytes();
        if (waitingBytes > WAITING) {
            throw Violation.limit("sshWaiting", "too much to send during a key exchange");
        }
        waiting.add(next);
        next = Unpooled.EMPTY_BUFFER;
    }

    /** What waited goes out. */
    void release() {
        holds = false;
        waitingBytes = 0;
        for (ByteBuf each = waiting.poll(); each != null; each = waiting.poll()) {
            int message = each.readUnsignedByte();
            writer.begin(message, each.readableBytes()).writeBytes(each);
            each.release();
            writer.seal();
        }
    }

    void flush() {
        writer.flush();
    }

    /** Everything so far for somebody else to send, with last words; given away. */
    ByteBuf last(Violation why) {
        ByteBuf words = writer.begin(Message.DISCONNECT, WORDS);
        words.writeInt(why.code());
        Wire.string(words, why.description());
        words.writeInt(0);
        writer.seal();
        return writer.take();
    }

    /** Lets go of everything. */
    void drop() {
        writer.release();
        next.release();
        next = Unpooled.EMPTY_BUFFER;
        for (ByteBuf each = waiting.poll(); each != null; each = waiting.poll()) {
            each.release();
        }
    }
}
