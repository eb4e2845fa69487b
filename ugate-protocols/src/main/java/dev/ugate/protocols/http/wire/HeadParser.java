package dev.ugate.protocols.http.wire;

import dev.ugate.model.Limits;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Reads the heads of one direction of a connection, one after the other (RFC 9112 §2); bounded by L31 to L33. */
public final class HeadParser<L> {
    /** Empty lines that may precede a start line (RFC 9112 §2.2). */
    private static final int MAX_EMPTY_LINES = 2;

    private static final int HEAD = 'H' << 24 | 'E' << 16 | 'A' << 8 | 'D';

    /** Reads one start line from the first octets of an array. */
    private interface StartLine<L> {
        L parse(byte[] line, int length);
    }

    private final LineReader lines = new LineReader();
    private final FieldLines fields;
    private final StartLine<L> start;
    private final int lineLimit;
    private final int tooLong;
    private @Nullable L line;
    private int empty;
    private boolean asksForHead;

    private HeadParser(Limits limits, StartLine<L> start, int tooLong) {
        this.fields = new FieldLines(lines, limits.headBytes().toInt(), limits.headFields());
        this.start = start;
        this.lineLimit = limits.requestLine().toInt();
        this.tooLong = tooLong;
    }

    public static HeadParser<RequestLine> requests(Limits limits) {
        return new HeadParser<>(limits, RequestLine::parse, RequestLine.TOO_LONG);
    }

    public static HeadParser<StatusLine> replies(Limits limits) {
        return new HeadParser<>(limits, StatusLine::parse, StatusLine.BAD_GATEWAY);
    }

    /** The next head once it is complete, null before; consumes what it understood. Throws {@link Rejected}. */
    public @Nullable Head<L> next(ByteBuf in) {
        while (line == null) {
            int at = in.readerIndex();
            asksForHead = in.readableBytes() > Integer.BYTES
                    && in.getInt(at) == HEAD
                    && in.getByte(at + Integer.BYTES) == ' ';
            if (!lines.next(in, lineLimit, tooLong)) {
                return null;
            }
            if (lines.length() > 0) {
                line = start.parse(lines.octets(), lines.length());
            } else if (++empty > MAX_EMPTY_LINES) {
                throw Rejected.malformed("head: expected at most " + MAX_EMPTY_LINES + " empty lines before it");
            }
        }
        var complete = fields.read(in);
        if (complete == null) {
            return null;
        }
        Head<L> head = new Head<>(line, complete);
        line = null;
        empty = 0;
        asksForHead = false;
        return head;
    }

    /** Whether the head that is being read, or was refused, begins as one that wants no content (RFC 9110 §9.3.2). */
    public boolean asksForHead() {
        return asksForHead;
    }

    /** Whether a start line was read and its fields are not complete. */
    public boolean begun() {
        return line != null || empty > 0;
    }
}
