package dev.ugate.protocols.http.wire;

import dev.ugate.model.Refused;
import dev.ugate.model.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;

/** Writes one head; every name and value is checked again, so that nothing splits a message (T41). */
public final class HeadWriter {
    private static final int USUAL = 512;
    private static final int CRLF = '\r' << 8 | '\n';
    private static final int COLON = ':' << 8 | ' ';

    private final ByteBuf out;

    private HeadWriter(ByteBuf out) {
        this.out = out;
    }

    /** Begins a request in origin-form; throws {@link Refused} MALFORMED for a method or target that is none. */
    public static HeadWriter request(ByteBufAllocator alloc, String method, String target) {
        if (!Tokens.isToken(method)) {
            throw Refused.malformed("method: expected a token");
        }
        if (!Tokens.isTarget(target)) {
            throw Refused.malformed("target: expected visible ASCII");
        }
        HeadWriter head = new HeadWriter(alloc.directBuffer(USUAL));
        head.ascii(method);
        head.out.writeByte(' ');
        head.ascii(target);
        head.ascii(" HTTP/1.1\r\n");
        return head;
    }

    /** Begins a reply. */
    public static HeadWriter reply(ByteBufAllocator alloc, int status) {
        HeadWriter head = new HeadWriter(alloc.directBuffer(USUAL));
        head.ascii("HTTP/1.1 ");
        head.out
                .writeByte('0' + status / 100)
                .writeByte('0' + status / 10 % 10)
                .writeByte('0' + status % 10)
                .writeByte(' ');
        head.ascii(Reasons.of(status));
        head.out.writeShort(CRLF);
        return head;
    }

    /** Begins the trailers. */
    static HeadWriter lastChunk(ByteBufAllocator alloc) {
        HeadWriter head = new HeadWriter(alloc.directBuffer(5));
        head.ascii("0\r\n");
        return head;
    }

    /** Adds a field; throws {@link Refused} MALFORMED for an illegal octet and gives the head up. */
    public HeadWriter field(String name, String value) {
        if (!Tokens.isToken(name) || !isValue(value)) {
            out.release();
            throw Refused.malformed("field: expected a token and a value without control octets");
        }
        ascii(name);
        out.writeShort(COLON);
        ascii(value);
        out.writeShort(CRLF);
        return this;
    }

    /** Adds each field, as {@link #field}. */
    public HeadWriter fields(Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            field(fields.name(i), fields.value(i));
        }
        return this;
    }

    /** Adds the framing field of a body. */
    public HeadWriter framing(BodyFraming framing) {
        return switch (framing.kind()) {
            case LENGTH -> field("content-length", Long.toString(framing.length()));
            case CHUNKED -> field("transfer-encoding", "chunked");
            case UNTIL_CLOSE -> this;
        };
    }

    /** The complete head, given away. */
    public ByteBuf end() {
        return out.writeShort(CRLF);
    }

    private void ascii(String text) {
        ByteBufUtil.writeAscii(out, text);
    }

    private static boolean isValue(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 0xFF || !Tokens.isValue(c)) {
                return false;
            }
        }
        return true;
    }
}
