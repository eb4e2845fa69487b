package dev.ugate.protocols.http.ws;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of one direction (RFC 6455 §5) and gives the payload of messages as it comes, without copying it: nothing is held but
 * the head of a frame and the payload of a control frame, 125 octets at most.
 */
final class FrameReader {
    private static final int CONTROL = 125;

    /**
     * What the peer may send.
     *
     * @param masked whether it is the client, which masks what it sends
     * @param message octets of a message, and so of a frame (L57)
     * @param fragments frames of a message (L57)
     */
    record Bounds(boolean masked, long message, int fragments) {}

    /** Takes what was read; every buffer is given away. */
    interface Sink {
        /** A part of a message; {@code last} where it ends, with a part that may be empty. May throw {@link Violation}. */
        void data(boolean text, ByteBuf part, boolean last);

        /** A whole control frame. May throw {@link Violation}. */
        void control(int opcode, ByteBuf payload);
    }

    private final Bounds bounds;
    private final Sink sink;
    private final FrameHead head = new FrameHead();
    private final ByteBuf control = Unpooled.buffer(CONTROL, CONTROL);
    private long left;
    private long message;
    private int fragments;
    private @Nullable Utf8 text;

    FrameReader(Bounds bounds, Sink sink) {
        this.bounds = bounds;
        this.sink = sink;
    }

    /** Consumes all of {@code in}, which is borrowed but whose payload is unmasked in place. Throws {@link Violation}. */
    void read(ByteBuf in) {
        while (in.isReadable()) {
            if (!head.complete()) {
                if (!head.read(in)) {
                    return;
                }
                begin();
            }
            if (in.isReadable() || left == 0) {
                payload(in);
            }
        }
    }

    private void begin() {
        head.check(bounds.masked());
        left = head.length();
        if (Opcode.isControl(head.opcode())) {
            control.clear();
            return;
        }
        boolean continues = head.opcode() == Opcode.CONTINUATION;
        if (continues != fragments > 0) {
            throw Violation.protocol(
                    continues ? "continuation: expected a message before it" : "message: begun in another");
        }
        if (!continues) {
            text = head.opcode() == Opcode.TEXT ? new Utf8() : null;
            message = 0;
        }
        message += left;
        if (message > bounds.message()) {
            throw Violation.of(
                    Violation.TOO_BIG, "limit webSocketMessage: expected at most " + bounds.message() + " octets");
        }
        if (++fragments > bounds.fragments()) {
            throw Violation.of(
                    Violation.TOO_BIG, "limit webSocketFragments: expected at most " + bounds.fragments() + " frames");
        }
    }

    private void payload(ByteBuf in) {
        int n = (int) Math.min(left, in.readableBytes());
        left -= n;
        ByteBuf part = in.readSlice(n);
        if (bounds.masked()) {
            head.unmask(part);
        }
        if (Opcode.isControl(head.opcode())) {
            control.writeBytes(part);
            if (left == 0) {
                head.clear();
                sink.control(head.opcode(), control.copy());
            }
        } else {
            data(part);
        }
    }

    private void data(ByteBuf part) {
        boolean last = left == 0 && head.isFinal();
        Utf8 utf8 = text;
        if (utf8 != null && (!utf8.accepts(part) || last && !utf8.complete())) {
            throw Violation.of(Violation.NOT_UTF_8, "text: expected UTF-8");
        }
        if (left == 0) {
            head.clear();
            fragments = last ? 0 : fragments;
        }
        if (last || part.isReadable()) {
            sink.data(utf8 != null, part.retain(), last);
        }
    }
}
