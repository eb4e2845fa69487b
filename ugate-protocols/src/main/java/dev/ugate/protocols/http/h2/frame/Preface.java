package dev.ugate.protocols.http.h2.frame;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** The first octets of a client (RFC 9113 §3.4), as a server reads them. */
public final class Preface {
    private static final byte[] OCTETS = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private int seen;

    /** {@code expected} where the peer is a client. */
    public Preface(boolean expected) {
        this.seen = expected ? 0 : OCTETS.length;
    }

    /** What a client says first. */
    public static void say(FrameWriter out) {
        out.preface(OCTETS);
    }

    /** Reads what is there of it (borrows); true when it is whole. Throws {@link Violation}. */
    public boolean read(ByteBuf bytes) {
        while (seen < OCTETS.length && bytes.isReadable()) {
            if (bytes.readByte() != OCTETS[seen++]) {
                throw Violation.fatal(Code.PROTOCOL_ERROR, "preface: expected that of HTTP/2");
            }
        }
        return seen == OCTETS.length;
    }
}
