package dev.ugate.protocols.http.ws;

import io.netty.buffer.ByteBuf;

/** The head of one frame, read octet by octet (RFC 6455 §5.2). */
final class FrameHead {
    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int OPCODE = 0x0F;
    private static final int MASKED = 0x80;
    private static final int LENGTH = 0x7F;
    private static final int CONTROL = 125;
    private static final int TWO_OCTETS = 126;
    private static final int EIGHT_OCTETS = 127;

    private int first;
    private int second;
    private int have;
    private long length;
    private int key;

    /** Consumes what belongs to the head; whether it is complete. Throws {@link Violation}. */
    boolean read(ByteBuf in) {
        while (in.isReadable() && !complete()) {
            octet(in.readByte() & 0xFF);
        }
        return complete();
    }

    private void octet(int octet) {
        if (have == 0) {
            first = octet;
        } else if (have == 1) {
            second = octet;
            int small = octet & LENGTH;
            length = small < TWO_OCTETS ? small : 0;
            key = 0;
        } else if (have < 2 + extended()) {
            length = length << 8 | octet;
        } else {
            key = key << 8 | octet;
        }
        have++;
    }

    private int extended() {
        int small = second & LENGTH;
        return small == EIGHT_OCTETS ? 8 : small == TWO_OCTETS ? 2 : 0;
    }

    boolean complete() {
        return have >= 2 && have == 2 + extended() + (isMasked() ? 4 : 0);
    }

    /** The next octet begins another frame. */
    void clear() {
        have = 0;
    }

    /** Throws {@link Violation} 1002 for a head that no peer may send; {@code masked} is whether this one has to mask. */
    void check(boolean masked) {
        if ((first & RESERVED) != 0) {
            throw Violation.protocol("reserved bits: expected none, no extension was agreed");
        }
        if (!Opcode.isKnown(opcode())) {
            throw Violation.protocol("opcode " + opcode() + ": unknown");
        }
        if (isMasked() != masked) {
            throw Violation.protocol(masked ? "frame: expected a mask" : "frame: expected no mask");
        }
        if (Opcode.isControl(opcode()) && (!isFinal() || length > CONTROL)) {
            throw Violation.protocol("control frame: expected one of at most " + CONTROL + " octets");
        }
        if (length < 0 || extended() == 2 && length < TWO_OCTETS || extended() == 8 && length <= 0xFFFF) {
            throw Violation.protocol("length: expected the shortest form of a positive one");
        }
    }

    int opcode() {
        return first & OPCODE;
    }

    boolean isFinal() {
        return (first & FINAL) != 0;
    }

    private boolean isMasked() {
        return (second & MASKED) != 0;
    }

    /** Octets of the payload. */
    long length() {
        return length;
    }

    /** Unmasks the next part of the payload in place. */
    void unmask(ByteBuf part) {
        key = Mask.apply(part, key);
    }
}
