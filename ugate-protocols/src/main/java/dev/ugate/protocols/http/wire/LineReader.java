package dev.ugate.protocols.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;

/** Takes lines that end in CRLF (RFC 9112 §2.2) and lends each as an array; looks at no octet twice while one is incomplete. */
final class LineReader {
    private static final int USUAL = 1024;

    /** One a loop: a line is read and done with before anybody reads another. Grows with the longest, to twice L31 at most. */
    private static final FastThreadLocal<byte[]> LENT = new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
            return new byte[USUAL];
        }
    };

    private int length;
    private int scanned;

    /**
     * Consumes one line; false while it is incomplete. Throws {@link Rejected} with {@code status} for a line of more than
     * {@code limit} octets, and 400 for a line that ends in a bare LF.
     */
    boolean next(ByteBuf in, int limit, int status) {
        int from = in.readerIndex();
        int lf = in.indexOf(from + scanned, in.writerIndex(), (byte) '\n');
        int seen = lf < 0 ? in.readableBytes() : lf - from;
        if (seen > limit + 1) {
            throw Rejected.with(status, "line: longer than " + limit + " octets");
        }
        if (lf < 0) {
            scanned = seen;
            return false;
        }
        scanned = 0;
        if (seen == 0 || in.getByte(lf - 1) != '\r') {
            throw Rejected.malformed("line: ends in a bare LF: expected CRLF");
        }
        length = seen - 1;
        in.getBytes(from, lent(length), 0, length);
        in.readerIndex(lf + 1);
        return true;
    }

    /** The line without CRLF, in the first {@link #length} octets; valid until the next call of any reader on this thread. */
    byte[] octets() {
        return LENT.get();
    }

    int length() {
        return length;
    }

    private static byte[] lent(int atLeast) {
        byte[] lent = LENT.get();
        if (lent.length < atLeast) {
            lent = new byte[Integer.highestOneBit(atLeast) << 1];
            LENT.set(lent);
        }
        return lent;
    }
}
